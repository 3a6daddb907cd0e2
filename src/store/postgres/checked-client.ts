/** A pooled client as Kysely wants it, which lets nothing pass that SQLite would have refused. */

import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { PoolClient } from 'pg';

import { checkParameters } from '../parameters.ts';

export class CheckedClient implements PostgresPoolClient {
  readonly #client: PoolClient;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    sql: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof sql !== 'string') throw new Error('queries are not streamed');
    return this.#run(sql, parameters);
  }

  release(): void {
    this.#client.release();
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
