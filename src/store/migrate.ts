/** Brings a database up to the schema of this code: forward only, all in one transaction, one process at a time. */

import { CompiledQuery, sql } from 'kysely';

import { AppError } from '../contract/index.ts';
import type { Connections } from './commit/connections.ts';
import { POSTGRES_WORDS, SQLITE_WORDS } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';
import type { Db } from './schema.ts';

interface MigrationResult {
  readonly from: number;
  readonly to: number;
}

/** Rejects with `STORE_FAILED` when the database was written by a newer version. */
export async function migrate(connections: Connections, migrations: readonly Migration[]): Promise<MigrationResult> {
  return connections.writer.db.transaction().execute(async (db) => {
    await prepareMeta(db, connections);
    const from = await readSchemaVersion(db);
    const to = migrations.at(-1)?.version ?? 0;
    if (from > to) throw newerSchema(connections.place, from, to);
    const words = connections.dialect === 'sqlite' ? SQLITE_WORDS : POSTGRES_WORDS;
    const statements = migrations.filter(({ version }) => version > from).flatMap((one) => one.statements(words));
    for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
    if (from < to) await writeSchemaVersion(db, to);
    return { from, to };
  });
}

/** 0 for a database without tables. */
export async function readSchemaVersion(db: Db): Promise<number> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', 'schema_version').executeTakeFirst();
  return row ? Number(row.value) : 0;
}

/** SQLite's BEGIN IMMEDIATE admits one migrator; on PostgreSQL a lock of this schema does. */
async function prepareMeta(db: Db, { dialect }: Connections): Promise<void> {
  if (dialect === 'postgres') {
    await sql`select pg_advisory_xact_lock(hashtext('drover'), hashtext(current_schema()))`.execute(db);
  }
  await sql`create table if not exists meta (key text primary key, value text not null)`.execute(db);
}

async function writeSchemaVersion(db: Db, version: number): Promise<void> {
  const value = String(version);
  await db
    .insertInto('meta')
    .values({ key: 'schema_version', value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

function newerSchema(place: string, found: number, known: number): AppError {
  return new AppError('STORE_FAILED', `${place} has schema ${found}; this Drover knows schema ${known}`, {
    hint: 'start the newer Drover that wrote it, or point DROVER_HOME or DROVER_DATABASE_URL elsewhere',
    detail: { place, found, known },
  });
}
