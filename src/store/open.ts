/** Opens a store from its URL. The only place that chooses between the dialects. */

import type { Clock, Log } from '../kernel/index.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  /** `sqlite:PATH`, or `postgres://…` as libpq understands it. */
  readonly url: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** Connects, brings the schema up to date, and answers a store that the caller closes. Rejects with `STORE_FAILED`. */
export declare function openStore(options: StoreOptions): Promise<Store>;
