/**
 * Kysely's driver over one SQLite thread, and the writer's door to the same connection. Saves round trips: BEGIN,
 * SAVEPOINT and RELEASE are held back and travel with the next statement. One user at a time may hold a transaction.
 */

import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';

import type { Writer } from '../commit/connections.ts';
import { checkParameters } from '../commit/parameters.ts';
import type { SqliteValue, Step, StepResult, ThreadOptions } from './protocol.ts';
import { SqliteThread } from './thread.ts';

const BEGIN = control('begin immediate');
const COMMIT = control('commit');
const ROLLBACK = control('rollback');
const SAVEPOINT = control('savepoint member');
const RELEASE = control('release member');
const UNDO = control('rollback to member');

export class SqliteDriver implements Driver {
  readonly #options: ThreadOptions;
  #connection: SqliteConnection | null = null;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** Made at its first use. */
  get connection(): SqliteConnection {
    return (this.#connection ??= new SqliteConnection(new SqliteThread(this.#options)));
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<SqliteConnection> {
    return this.connection;
  }

  beginTransaction(connection: SqliteConnection): Promise<void> {
    return connection.begin();
  }

  async commitTransaction(connection: SqliteConnection): Promise<void> {
    await connection.commit([]);
  }

  rollbackTransaction(connection: SqliteConnection): Promise<void> {
    return connection.rollback();
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await this.#connection?.close();
  }
}

class SqliteConnection implements DatabaseConnection, Omit<Writer, 'db'> {
  readonly #thread: SqliteThread;
  /** Control statements that wait for the next statement. */
  #held: Step[] = [];
  /** True once BEGIN has been sent, until COMMIT or ROLLBACK is. */
  #within = false;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const [result] = await this.#send([toStep(query)]);
    return toQueryResult(result);
  }

  // oxlint-disable-next-line require-yield -- the port wants an iterator; nothing in the store streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('queries are not streamed');
  }

  async begin(): Promise<void> {
    this.#held = [BEGIN];
  }

  async savepoint(): Promise<void> {
    this.#held.push(SAVEPOINT);
  }

  async release(): Promise<void> {
    if (!this.#unhold()) this.#held.push(RELEASE);
  }

  async undo(): Promise<void> {
    if (this.#unhold()) return;
    this.#held.push(UNDO);
    await this.#send([RELEASE]);
  }

  async commit(last: readonly CompiledQuery[]): Promise<readonly QueryResult<unknown>[]> {
    const steps = last.map(toStep);
    if (steps.length === 0 && this.#isUntouched()) this.#held = [];
    else steps.push(COMMIT);
    const results = steps.length === 0 ? [] : await this.#send(steps);
    this.#within = false;
    return results.slice(0, last.length).map(toQueryResult);
  }

  async rollback(): Promise<void> {
    const untouched = this.#isUntouched();
    this.#held = [];
    this.#within = false;
    if (!untouched) await this.#thread.run([ROLLBACK], true).catch(ignoreEnded);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  /** True when no statement of the transaction has been sent. */
  #isUntouched(): boolean {
    return this.#held[0] === BEGIN;
  }

  /** Drops a savepoint under which nothing was sent. */
  #unhold(): boolean {
    if (this.#held.at(-1) !== SAVEPOINT) return false;
    this.#held.pop();
    return true;
  }

  /** Answers what the given steps did, without those that were held. */
  async #send(steps: readonly Step[]): Promise<readonly StepResult[]> {
    const held = this.#held;
    const within = this.#within;
    if (this.#isUntouched()) this.#within = true;
    this.#held = [];
    const results = await this.#thread.run([...held, ...steps], within);
    return results.slice(held.length);
  }
}

function toStep({ sql, parameters }: CompiledQuery): Step {
  checkParameters(sql, parameters);
  return { sql, parameters: parameters as SqliteValue[] };
}

function toQueryResult<R>(result: StepResult | undefined): QueryResult<R> {
  return { rows: (result?.rows ?? []) as R[], numAffectedRows: BigInt(result?.changes ?? 0) };
}

function control(sql: string): Step {
  return { sql, parameters: [] };
}

/** SQLite may have rolled back by itself; then there is nothing left to undo. */
function ignoreEnded(): void {}
