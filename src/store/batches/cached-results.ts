/** What tasks with `cache: inputs` have come to, as rows: found by their key, or as those of a task. */

import { sql } from 'kysely';

import { addToGroup } from '../../kernel/index.ts';
import { insertMany } from '../commit/insert-many.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

export type CachedResult = Row<'cached_result'>;

/** Names and keys that go into one statement. */
const CHUNK = 2_000;
/** Earlier results of a task that are looked at: a plan may have run a thousand times. */
const COMPARED = 10;

export async function findResults(db: Db, keys: readonly string[]): Promise<CachedResult[]> {
  const found: CachedResult[] = [];
  for (const chunk of chunks(keys)) {
    found.push(...(await db.selectFrom('cached_result').selectAll().where('key', 'in', chunk).execute()));
  }
  return found;
}

/** The latest results of these tasks of a plan by name, the latest first. */
export async function resultsOfTasks(
  db: Db,
  planPath: string,
  tasks: readonly string[],
): Promise<ReadonlyMap<string, readonly CachedResult[]>> {
  const found = new Map<string, CachedResult[]>();
  const place = sql<number>`row_number() over (partition by task order by made_at desc)`;
  for (const chunk of chunks(tasks)) {
    const rows = await db
      .selectFrom((from) =>
        from
          .selectFrom('cached_result')
          .selectAll()
          .select(place.as('place'))
          .where('plan_path', '=', planPath)
          .where('task', 'in', chunk)
          .as('latest'),
      )
      .selectAll()
      .where('place', '<=', COMPARED)
      .orderBy('made_at', 'desc')
      .execute();
    for (const row of rows) addToGroup(found, row.task, row);
  }
  return found;
}

/** What tasks of a batch have made or used again, by name. */
export async function resultsOfBatch(
  db: Db,
  batchId: string,
  tasks: readonly string[],
): Promise<ReadonlyMap<string, CachedResult>> {
  const found = new Map<string, CachedResult>();
  for (const chunk of chunks(tasks)) {
    const rows = await db
      .selectFrom('cached_result')
      .selectAll()
      .where('batch_id', '=', batchId)
      .where('task', 'in', chunk)
      .execute();
    for (const row of rows) found.set(row.task, row);
  }
  return found;
}

/** The same for the items of a template, in the order of their names. */
export async function resultsOfItems(db: Db, batchId: string, template: string): Promise<CachedResult[]> {
  return db
    .selectFrom('cached_result')
    .innerJoin('task', (join) =>
      join.onRef('task.batch_id', '=', 'cached_result.batch_id').onRef('task.name', '=', 'cached_result.task'),
    )
    .selectAll('cached_result')
    .where('task.batch_id', '=', batchId)
    .where('task.template', '=', template)
    .orderBy('cached_result.task')
    .execute();
}

/** Keeps results, in place of those of the same keys. */
export async function saveResults(tx: Tx, results: readonly Omit<CachedResult, 'made_at'>[]): Promise<void> {
  const keys = results.map(({ key }) => key);
  for (const chunk of chunks(keys)) await tx.db.deleteFrom('cached_result').where('key', 'in', chunk).execute();
  await insertMany(
    tx,
    'cached_result',
    results.map((result) => ({ ...result, made_at: tx.now })),
  );
}

function* chunks<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += CHUNK) yield list.slice(start, start + CHUNK);
}
