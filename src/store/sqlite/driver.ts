/**
 * Kysely's driver over one SQLite thread. Saves round trips: BEGIN, SAVEPOINT and RELEASE are held back and travel with
 * the next statement. One user at a time may hold a transaction; the group commit is that user.
 */

import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely';

import { checkParameters } from '../parameters.ts';
import type { SqliteValue, Step, ThreadOptions } from './protocol.ts';
import { SqliteThread } from './thread.ts';

const BEGIN = control('begin immediate');
const COMMIT = control('commit');
const ROLLBACK = control('rollback');

export class SqliteDriver implements Driver {
  readonly #options: ThreadOptions;
  #connection: SqliteConnection | null = null;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  async init(): Promise<void> {
    this.#connection = new SqliteConnection(new SqliteThread(this.#options));
  }

  async acquireConnection(): Promise<SqliteConnection> {
    if (this.#connection === null) throw new Error('the driver has not been initialised');
    return this.#connection;
  }

  async beginTransaction(connection: SqliteConnection): Promise<void> {
    connection.begin();
  }

  commitTransaction(connection: SqliteConnection): Promise<void> {
    return connection.commit();
  }

  rollbackTransaction(connection: SqliteConnection): Promise<void> {
    return connection.rollback();
  }

  async savepoint(connection: SqliteConnection, name: string): Promise<void> {
    connection.savepoint(name);
  }

  rollbackToSavepoint(connection: SqliteConnection, name: string): Promise<void> {
    return connection.rollbackTo(name);
  }

  async releaseSavepoint(connection: SqliteConnection, name: string): Promise<void> {
    connection.release(name);
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await this.#connection?.close();
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #thread: SqliteThread;
  /** Control statements that wait for the next statement. */
  #held: Step[] = [];
  /** True once BEGIN has been sent, until COMMIT or ROLLBACK is. */
  #within = false;

  constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    checkParameters(query.sql, query.parameters);
    const { rows, changes } = await this.#send({ sql: query.sql, parameters: query.parameters as SqliteValue[] });
    return { rows: rows as R[], numAffectedRows: BigInt(changes) };
  }

  // oxlint-disable-next-line require-yield -- the port wants an iterator; nothing in the store streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('queries are not streamed');
  }

  begin(): void {
    this.#held = [BEGIN];
  }

  savepoint(name: string): void {
    this.#held.push(control(`savepoint ${name}`));
  }

  release(name: string): void {
    if (!this.#unhold(name)) this.#held.push(control(`release ${name}`));
  }

  async rollbackTo(name: string): Promise<void> {
    if (!this.#unhold(name)) await this.#send(control(`rollback to ${name}`));
  }

  async commit(): Promise<void> {
    if (this.#isUntouched()) this.#held = [];
    else await this.#send(COMMIT);
    this.#within = false;
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
  #unhold(name: string): boolean {
    if (this.#held.at(-1)?.sql !== `savepoint ${name}`) return false;
    this.#held.pop();
    return true;
  }

  #send(step: Step): ReturnType<SqliteThread['run']> {
    const steps = [...this.#held, step];
    const within = this.#within;
    if (this.#isUntouched()) this.#within = true;
    this.#held = [];
    return this.#thread.run(steps, within);
  }
}

function control(sql: string): Step {
  return { sql, parameters: [] };
}

/** SQLite may have rolled back by itself; then there is nothing left to undo. */
function ignoreEnded(): void {}
