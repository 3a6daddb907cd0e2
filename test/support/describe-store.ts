/** Runs every store test on both databases, each test on a fresh one. */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';
import { afterEach, beforeAll, describe } from 'vitest';

import { silentLog, TestClock } from '../../src/kernel/index.ts';
import { openStore } from '../../src/store/index.ts';
import type { DialectName, Store } from '../../src/store/index.ts';
import { POSTGRES_LENDER, POSTGRES_URL } from './global-setup.ts';

/** Opens a store on the database of the current test; again after a `close`, the same database. Closed by itself. */
export interface StoreOpener {
  (): Promise<Store>;
  readonly dialect: DialectName;
  readonly clock: TestClock;
  /** URL of the database of the current test, made by the first `open` or `url` of the test. */
  url(): Promise<string>;
}

/** One empty database after the other. */
interface DatabaseSource {
  readonly dialect: DialectName;
  create(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }>;
}

/** Describes `name` twice, on SQLite and on PostgreSQL. The second is skipped, with its reason, where there is no server. */
export function describeStore(name: string, tests: (open: StoreOpener) => void): void {
  const hasServer = Boolean(process.env[POSTGRES_URL] || process.env[POSTGRES_LENDER]);
  const reason = hasServer
    ? ''
    : ` (skipped: no server binaries or DROVER_TEST_POSTGRES=off, and ${POSTGRES_URL} is unset)`;
  describe(`${name} on SQLite`, () => {
    tests(createOpener(sqliteFiles));
  });
  describe.skipIf(!hasServer)(`${name} on PostgreSQL${reason}`, () => {
    tests(createOpener(postgresSchemas()));
  });
}

function createOpener(source: DatabaseSource): StoreOpener {
  let database: ReturnType<DatabaseSource['create']> | null = null;
  let stores: Store[] = [];
  const clock = new TestClock();
  const url = async (): Promise<string> => (await (database ??= source.create())).url;

  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await (await database)?.drop();
    stores = [];
    database = null;
  });

  async function open(): Promise<Store> {
    const store = await openStore({ url: await url(), log: silentLog, clock });
    stores.push(store);
    return store;
  }

  return Object.assign(open, { dialect: source.dialect, clock, url });
}

const sqliteFiles: DatabaseSource = {
  dialect: 'sqlite',
  async create() {
    const folder = mkdtempSync(join(tmpdir(), 'drover-store-'));
    return {
      url: `sqlite:${join(folder, 'store.db')}`,
      drop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
};

/** A schema for each test: far cheaper than a database, and as empty. */
function postgresSchemas(): DatabaseSource {
  let server = '';
  let count = 0;
  beforeAll(async () => {
    server = process.env[POSTGRES_URL] || (await borrowServer(process.env[POSTGRES_LENDER] ?? ''));
  });
  return {
    dialect: 'postgres',
    async create() {
      const schema = `test_${process.pid}_${(count += 1)}`;
      await administer(server, `drop schema if exists ${schema} cascade; create schema ${schema}`);
      const url = new URL(server);
      url.searchParams.set('options', `-c search_path=${schema}`);
      return { url: url.href, drop: () => administer(server, `drop schema ${schema} cascade`) };
    },
  };
}

async function borrowServer(lender: string): Promise<string> {
  const socket = createConnection(lender).setEncoding('utf8');
  let url = '';
  socket.on('data', (text: string) => (url += text));
  await once(socket, 'close');
  if (url === '') throw new Error('the PostgreSQL for tests did not start; its message is above');
  return url;
}

async function administer(server: string, statements: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statements);
  } finally {
    await client.end();
  }
}
