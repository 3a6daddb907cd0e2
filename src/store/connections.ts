/** What a dialect hands to the store: one door for writes, one for reads. */

import type { Db } from './schema.ts';
import type { DialectName } from './store.ts';

export interface Connections {
  readonly dialect: DialectName;
  /** Where the data lies, for messages: a path, or a server and database without credentials. */
  readonly place: string;
  /** One connection, so that writes have one order. */
  readonly writer: Db;
  readonly reader: Db;
  close(): Promise<void>;
}
