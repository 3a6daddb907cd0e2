/** What foreach templates have beyond other tasks: the frozen list of their items, and the counts of those that ended. */

import { insertMany } from './bulk.ts';
import type { Db, JsonText } from './schema.ts';
import { run, statement } from './statement.ts';
import type { Tx } from './store.ts';
import { RECORD_COLUMNS } from './tasks.ts';
import type { TaskRecord } from './tasks.ts';

/** A run of the items of a list, from the one at `first` on. */
export interface ManifestChunk {
  readonly first: number;
  readonly items: JsonText;
}

/** Freezes the list of a template; rows are made from it as `next_index` moves on. */
export async function saveManifest(
  tx: Tx,
  template: number,
  chunks: readonly ManifestChunk[],
  total: number,
): Promise<void> {
  const rows = chunks.map(({ first, items }) => ({ task_id: template, first_index: first, items }));
  await insertMany(tx, 'manifest_chunk', rows);
  await tx.db
    .updateTable('task')
    .set({ items_total: total, remaining: total, next_index: 0, items_failed: 0, items_skipped: 0 })
    .where('id', '=', template)
    .execute();
}

/** The chunk that holds the item at `index`; null when the list has no such item, or there is none yet. */
export async function loadChunk(db: Db, template: number, index: number): Promise<ManifestChunk | null> {
  const row = await db
    .selectFrom('manifest_chunk')
    .select(['first_index as first', 'items'])
    .where('task_id', '=', template)
    .where('first_index', '<=', index)
    .orderBy('first_index', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export async function setNextIndex(tx: Tx, template: number, nextIndex: number): Promise<void> {
  await tx.db.updateTable('task').set({ next_index: nextIndex }).where('id', '=', template).execute();
}

export interface EndedItems {
  readonly items: number;
  readonly failed: number;
  readonly skipped: number;
}

const COUNT_ENDED = statement(`
  update task set remaining = remaining - ?, items_failed = items_failed + ?, items_skipped = items_skipped + ?
  where batch_id = ? and name = ? and state = 'running' returning ${RECORD_COLUMNS.join(', ')}`);

/** Counts items of a template as ended. Answers the template as it is then; null when it has ended already. */
export async function countEndedItems(
  tx: Tx,
  batchId: string,
  template: string,
  { items, failed, skipped }: EndedItems,
): Promise<TaskRecord | null> {
  const result = await run<TaskRecord>(tx, COUNT_ENDED, [items, failed, skipped, batchId, template]);
  return result.rows[0] ?? null;
}
