/** Opens the two pools of a PostgreSQL store: one connection for writes, a few for reads. */

import { Kysely, PostgresDialect } from 'kysely';
import type { PostgresPool } from 'kysely';
import { Pool } from 'pg';

import type { Log } from '../../kernel/index.ts';
import type { Connections, Writer } from '../commit/connections.ts';
import type { Schema } from '../schema.ts';
import { CheckedClient } from './checked-client.ts';
import { typeParsers } from './types.ts';
import { PinnedPool } from './writer.ts';

const READ_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;

/** Connects at the first query. */
export function connectPostgres(url: string, log: Log): Connections {
  const pinned = new PinnedPool(createPool(url, 1, log));
  const db = kysely(pinned);
  const reader = kysely(checkedPool(createPool(url, READ_CONNECTIONS, log)));
  return {
    dialect: 'postgres',
    place: describePlace(url),
    writer: writerOver(pinned, db),
    reader,
    async close() {
      await reader.destroy();
      await db.destroy();
    },
  };
}

function createPool(url: string, max: number, log: Log): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'drover',
    types: typeParsers,
    // Queries asked together travel together; each is still answered, or refused, in its turn.
    pipeline: true,
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'idle database connection lost'));
  return pool;
}

function checkedPool(pool: Pool): PostgresPool {
  return {
    async connect() {
      const client = await pool.connect();
      return new CheckedClient(client, () => client.release());
    },
    end: () => pool.end(),
  };
}

function kysely(pool: PostgresPool): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

function writerOver(pinned: PinnedPool, db: Kysely<Schema>): Writer {
  return {
    db,
    begin: () => pinned.begin(),
    savepoint: () => pinned.savepoint(),
    release: () => pinned.release(),
    undo: () => pinned.undo(),
    commit: (last) => pinned.commit(last),
    rollback: () => pinned.rollback(),
  };
}

function describePlace(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'the PostgreSQL server';
  }
}
