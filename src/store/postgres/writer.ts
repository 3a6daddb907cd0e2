/** The writer over a pool of one: it keeps the client of its transaction, so that no query of it goes elsewhere. */

import type { CompiledQuery, PostgresPool, QueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';

import type { Writer } from '../commit/connections.ts';
import { CheckedClient } from './checked-client.ts';

interface Held {
  readonly client: PoolClient;
  readonly checked: CheckedClient;
}

export class PinnedPool implements PostgresPool, Omit<Writer, 'db'> {
  readonly #pool: Pool;
  #held: Held | null = null;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async connect(): Promise<CheckedClient> {
    if (this.#held) return this.#held.checked;
    const client = await this.#pool.connect();
    return new CheckedClient(client, () => client.release());
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  async begin(): Promise<void> {
    const client = await this.#pool.connect();
    // A connection that breaks between two queries is told of by the next; without a listener it would end the process.
    client.on('error', ignore);
    this.#held = { client, checked: new CheckedClient(client, ignore) };
    await this.#run('begin').catch((error: unknown) => {
      this.#letGo();
      throw error;
    });
  }

  savepoint(): Promise<void> {
    return this.#run('savepoint member');
  }

  release(): Promise<void> {
    return this.#run('release member');
  }

  async undo(): Promise<void> {
    await this.#run('rollback to member');
    await this.release();
  }

  async commit(last: readonly CompiledQuery[]): Promise<readonly QueryResult<unknown>[]> {
    const answers: QueryResult<unknown>[] = [];
    for (const { sql, parameters } of last) answers.push(await this.#client().query(sql, parameters));
    await this.#run('commit');
    this.#letGo();
    return answers;
  }

  async rollback(): Promise<void> {
    await this.#run('rollback').catch(ignore);
    this.#letGo();
  }

  async #run(sql: string): Promise<void> {
    await this.#client().query(sql, []);
  }

  #client(): CheckedClient {
    if (!this.#held) throw new Error('no transaction is open');
    return this.#held.checked;
  }

  #letGo(): void {
    this.#held?.client.off('error', ignore);
    this.#held?.client.release();
    this.#held = null;
  }
}

function ignore(): void {}
