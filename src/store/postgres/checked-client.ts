/**
 * A pooled client as Kysely wants it, which lets nothing pass that SQLite would have refused. Its client is one that sends
 * each query at once and has them answered one after the other: see `connect.ts`.
 */

import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { PoolClient } from 'pg';

import { checkParameters } from '../commit/parameters.ts';

export class CheckedClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #release: () => void;

  constructor(client: PoolClient, release: () => void) {
    this.#client = client;
    this.#release = release;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    sql: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof sql !== 'string') throw new Error('queries are not streamed');
    return this.#run<R>(sql, parameters);
  }

  release(): void {
    this.#release();
  }

  async #run<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    checkParameters(sql, parameters);
    const { command, rowCount, rows } = await this.#client.query(sql, [...parameters]);
    // PostgreSQL answers COMMIT of a failed transaction with success, and rolls back.
    if (sql === 'commit' && command === 'ROLLBACK') {
      throw new Error('a write went on after one of its queries had failed, and PostgreSQL rolled it back');
    }
    return { command: command as PostgresQueryResult<R>['command'], rowCount: rowCount ?? 0, rows };
  }
}
