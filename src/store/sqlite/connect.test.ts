import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DatabaseSync } from '@photostructure/sqlite';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { silentLog, TestClock } from '../../kernel/index.ts';
import { openStore } from '../open.ts';
import type { Store } from '../store.ts';

let folder = '';
let stores: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-sqlite-'));
});

afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  stores = [];
  rmSync(folder, { recursive: true, force: true });
});

async function open(path = join(folder, 'store.db')): Promise<Store> {
  const store = await openStore({ url: `sqlite:${path}`, log: silentLog, clock: new TestClock() });
  stores.push(store);
  return store;
}

const put = (store: Store, key: string, value = 'x'): Promise<unknown> =>
  store.write((tx) => tx.db.insertInto('meta').values({ key, value }).execute());

const pragma = (store: Store, text: string): Promise<unknown> =>
  store.write((tx) => sql.raw(`pragma ${text}`).execute(tx.db));

const storedKeys = (store: Store): Promise<string[]> =>
  store.read(async (db) => {
    const rows = await db.selectFrom('meta').select('key').where('key', 'like', 'k%').orderBy('key').execute();
    return rows.map(({ key }) => key);
  });

test('the file belongs to its user alone and is in WAL mode with full synchronisation', async () => {
  const store = await open();
  const answers = await store.write(async (tx) => [
    (await sql`pragma journal_mode`.execute(tx.db)).rows[0],
    (await sql`pragma synchronous`.execute(tx.db)).rows[0],
    (await sql`pragma foreign_keys`.execute(tx.db)).rows[0],
  ]);

  expect(answers).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }, { foreign_keys: 1 }]);
  expect(statSync(join(folder, 'store.db')).mode & 0o777).toBe(0o600);
});

test('the read door refuses to write', async () => {
  const store = await open();

  const write = store.read((db) => db.insertInto('meta').values({ key: 'k1', value: 'x' }).execute());

  await expect(write).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('readonly') });
});

test('a file in use is refused with its owner, and free again after a close', async () => {
  const first = await open();

  await expect(open()).rejects.toMatchObject({ code: 'STORE_FAILED', detail: { pid: process.pid } });

  await first.close();
  await expect(open()).resolves.toBeDefined();
});

test('a file that is no database is refused with what to do, and left as it is', async () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'not a database, but long enough to be looked at: '.repeat(40));

  await expect(open(path)).rejects.toMatchObject({
    code: 'STORE_FAILED',
    hint: expect.stringContaining('move it away'),
  });

  expect(statSync(path).size).toBe(1960);
});

test('a folder in the place of the file is refused', async () => {
  mkdirSync(join(folder, 'store.db'));

  await expect(open()).rejects.toMatchObject({ code: 'STORE_FAILED', hint: expect.stringContaining('this user') });
});

test('on a full disk what was acknowledged is stored, and only that; later writes go on', async () => {
  const store = await open();
  await pragma(store, 'max_page_count = 60');
  const values = [
    ['k1', 'x'],
    ['k2', 'x'.repeat(500_000)],
    ['k3', 'x'],
  ] as const;

  const results = await Promise.allSettled(values.map(([key, value]) => put(store, key, value)));
  await pragma(store, 'max_page_count = 100000');
  await put(store, 'k4');

  const acknowledged = values.filter((_value, index) => results[index]?.status === 'fulfilled').map(([key]) => key);
  expect(results[1]).toMatchObject({
    status: 'rejected',
    reason: { code: 'STORE_FAILED', hint: expect.stringContaining('disk is full') },
  });
  expect(await storedKeys(store)).toEqual([...acknowledged, 'k4']);
});

test('a file locked by another program fails the write with what to do, and works again when it is free', async () => {
  const store = await open();
  await pragma(store, 'busy_timeout = 10');
  const other = new DatabaseSync(join(folder, 'store.db'));
  other.exec('begin immediate');

  const alone = await put(store, 'k1').catch((error: unknown) => error);
  const together = await Promise.allSettled([put(store, 'k2'), put(store, 'k3')]);
  other.exec('rollback');
  other.close();
  await put(store, 'k4');

  const refusal = { code: 'STORE_FAILED', hint: expect.stringContaining('another process has locked the file') };
  expect(alone).toMatchObject(refusal);
  expect(together).toMatchObject([{ reason: refusal }, { status: 'rejected' }]);
  expect(await storedKeys(store)).toEqual(['k4']);
});
