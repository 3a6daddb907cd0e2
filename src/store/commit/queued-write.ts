/** One write on its way: runs under the `Tx` of a transaction, keeps its answer and its facts until they are on disk. */

import type { NewFact } from '../../contract/index.ts';
import type { Db } from '../schema.ts';
import type { DialectName, Tx } from '../store.ts';

/** A fact that waits for its number. */
export interface PendingFact extends NewFact {
  readonly at: number;
}

/** What a write needs of the store to run. */
interface WriteContext {
  readonly db: Db;
  readonly dialect: DialectName;
  readonly now: number;
}

/** Settles once: the first of `succeed` and `fail` counts. */
export interface QueuedWrite {
  /** Runs the function and answers the facts it recorded; rejects as the function does. */
  run(context: WriteContext): Promise<readonly PendingFact[]>;
  /** Its answer is on disk. */
  succeed(): void;
  fail(error: unknown): void;
}

export function queueWrite<T>(
  fn: (tx: Tx) => Promise<T>,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): QueuedWrite {
  let succeed: (() => void) | null = null;
  return {
    async run(context) {
      const facts: PendingFact[] = [];
      const value = await fn({ ...context, record: (fact) => void facts.push({ ...fact, at: context.now }) });
      succeed = () => resolve(value);
      return facts;
    },
    succeed: () => succeed?.(),
    fail: reject,
  };
}
