/** What a dialect hands to the store: one door for writes, one for reads. */

import type { CompiledQuery, QueryResult } from 'kysely';

import type { Db } from '../schema.ts';
import type { DialectName } from '../store.ts';

export interface Connections {
  readonly dialect: DialectName;
  /** Where the data lies, for messages: a path, or a server and database without credentials. */
  readonly place: string;
  readonly writer: Writer;
  readonly reader: Db;
  close(): Promise<void>;
}

/** The one connection that writes, for one user at a time. Statements run in the order of the calls. */
export interface Writer {
  /** Between `begin` and its end, in the transaction. Queries that do not wait for each other may be asked together. */
  readonly db: Db;
  begin(): Promise<void>;
  /** Until `release` or `undo`, which end the one savepoint there is. */
  savepoint(): Promise<void>;
  release(): Promise<void>;
  undo(): Promise<void>;
  /** Runs the last statements and commits: all or nothing. Answers what they answered. */
  commit(last: readonly CompiledQuery[]): Promise<readonly QueryResult<unknown>[]>;
  /** Never rejects: what is gone needs no undoing. */
  rollback(): Promise<void>;
}
