/** Opens a SQLite file for one controller: the write connection, the read connection, and the lock that keeps others out. */

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';

import { AppError } from '../../contract/index.ts';
import { takeLock } from '../../kernel/index.ts';
import type { Connections, Writer } from '../commit/connections.ts';
import type { Schema } from '../schema.ts';
import { SqliteDriver } from './driver.ts';

const BUSY_TIMEOUT_MS = 5_000;

const WRITE_PRAGMAS = [
  `busy_timeout = ${BUSY_TIMEOUT_MS}`,
  'journal_mode = wal',
  'synchronous = full',
  'foreign_keys = on',
  'wal_autocheckpoint = 2000',
];
const READ_PRAGMAS = [`busy_timeout = ${BUSY_TIMEOUT_MS}`];

/** Throws `STORE_FAILED` when another process has the file open. Connects at the first query. */
export function connectSqlite(path: string): Connections {
  const release = claimFile(path);
  const driver = new SqliteDriver({ path, readOnly: false, pragmas: WRITE_PRAGMAS });
  const db = kysely(driver);
  const reader = kysely(new SqliteDriver({ path, readOnly: true, pragmas: READ_PRAGMAS }));
  return {
    dialect: 'sqlite',
    place: path,
    writer: writerOver(driver, db),
    reader,
    async close() {
      await reader.destroy();
      await db.destroy();
      release();
    },
  };
}

/** Makes the file when it is missing, and holds its lock until the answer is called. */
function claimFile(path: string): () => void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its -wal and -shm files the mode of the file itself.
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw new AppError('STORE_FAILED', `${path} cannot be opened for writing`, {
      cause: error,
      hint: 'check that the file and its folder exist and belong to this user',
      detail: { path },
    });
  }
  const lock = takeLock(`${path}.lock`);
  if (lock.kind === 'taken') return lock.release;
  throw new AppError('STORE_FAILED', `${path} is in use by process ${lock.holder.pid}`, {
    hint: 'one controller owns the file; run "drover daemon stop" first',
    detail: { path, pid: lock.holder.pid },
  });
}

function writerOver(driver: SqliteDriver, db: Kysely<Schema>): Writer {
  return {
    db,
    begin: () => driver.connection.begin(),
    savepoint: () => driver.connection.savepoint(),
    release: () => driver.connection.release(),
    undo: () => driver.connection.undo(),
    commit: (last) => driver.connection.commit(last),
    rollback: () => driver.connection.rollback(),
  };
}

function kysely(driver: SqliteDriver): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}
