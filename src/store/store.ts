/**
 * What the rest of the controller may ask of the database, as types: reads, grouped writes, and facts after commit.
 * How it is done lives in `open.ts`, `group-commit.ts` and the two dialect folders.
 */

import type { Fact, FactType, NewFact } from '../contract/index.ts';
import type { Bus } from '../kernel/index.ts';
import type { Db } from './schema.ts';

export type DialectName = 'sqlite' | 'postgres';

/** One write while it runs. Valid until the promise of the function that received it settles. */
export interface Tx {
  readonly db: Db;
  readonly dialect: DialectName;
  /** Store time, epoch ms, read once when this write began to run. */
  readonly now: number;
  /**
   * Appends a fact to this transaction. Facts keep the order of the calls; they get their numbers when the group
   * commits, so a read inside the transaction does not see them. Dropped when this write fails.
   */
  record<T extends FactType>(fact: NewFact<T>): void;
}

export interface Store extends AsyncDisposable {
  readonly dialect: DialectName;
  /** Committed facts in `seq` order, published before the `write` that recorded them resolves. */
  readonly facts: Bus<Fact>;
  /**
   * Runs `fn` in a transaction and resolves with its answer once that is on disk. Writes run one after the other in
   * the order of their calls; those that wait share one commit, each in a savepoint of its own, so that a failure of
   * `fn` undoes and rejects that write alone. A failed commit rejects the whole group with `STORE_FAILED`.
   *
   * `fn` must await only queries of its `tx`: every other write waits for it, and a `write` awaited within a `write`
   * never ends. It must let a failed query fail it, since PostgreSQL refuses every query after that one, and must not
   * settle before every query that it has asked. Queries asked together travel together.
   */
  write<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs `fn` beside the writes; it sees all that is committed. Each query is a snapshot of its own. The door is
   * read-only on SQLite, and must be treated so on PostgreSQL.
   */
  read<T>(fn: (db: Db) => Promise<T>): Promise<T>;
  /** Lets the accepted writes finish, refuses new ones, and closes the connections. Idempotent. */
  close(): Promise<void>;
}
