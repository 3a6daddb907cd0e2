/** What foreach templates have beyond other tasks: the frozen list of their items, and the counts of those that ended. */

import { insertMany } from '../commit/insert-many.ts';
import type { Db } from '../schema.ts';
import type { JsonText } from '../codec.ts';
import { run, statement } from '../commit/statement.ts';
import type { Tx } from '../store.ts';
import { RECORD_COLUMNS } from './tasks.ts';
import type { TaskRecord } from './tasks.ts';

/** A run of the items of a list, from the one at `first` on. */
export interface ManifestChunk {
  readonly first: number;
  readonly items: JsonText;
}

/** Freezes the list of a template with its last chunks; rows are made from it as `next_index` moves on. */
export async function saveManifest(
  tx: Tx,
  template: number,
  chunks: readonly ManifestChunk[],
  total: number,
): Promise<void> {
  await saveChunks(tx, template, chunks, total);
  await tx.db
    .updateTable('task')
    .set({ items_total: total, remaining: total, next_index: 0, items_failed: 0, items_skipped: 0 })
    .where('id', '=', template)
    .execute();
}

/**
 * Keeps chunks of a list that is being read by this attempt. They are no list before `saveManifest`: a later reading begins
 * anew. False, and nothing is kept, when the attempt holds the template no more.
 */
export async function keepChunks(
  tx: Tx,
  { template, attempt }: { readonly template: number; readonly attempt: number },
  chunks: readonly ManifestChunk[],
): Promise<boolean> {
  const row = await tx.db.selectFrom('task').select(['attempt', 'state']).where('id', '=', template).executeTakeFirst();
  if (row?.attempt !== attempt || row.state !== 'leased') return false;
  await saveChunks(tx, template, chunks, 0);
  return true;
}

/** Forgets a list that can be none, so that another reading begins anew. */
export async function dropManifest(tx: Tx, template: number): Promise<void> {
  await saveChunks(tx, template, [], 0);
  await tx.db
    .updateTable('task')
    .set({ items_total: null, remaining: null, next_index: null })
    .where('id', '=', template)
    .execute();
}

/** In place of all from the first of them on, which an earlier reading has left; of none, from `end` on. */
async function saveChunks(tx: Tx, template: number, chunks: readonly ManifestChunk[], end: number): Promise<void> {
  const from = chunks[0]?.first ?? end;
  await tx.db.deleteFrom('manifest_chunk').where('task_id', '=', template).where('first_index', '>=', from).execute();
  const rows = chunks.map(({ first, items }) => ({ task_id: template, first_index: first, items }));
  await insertMany(tx, 'manifest_chunk', rows);
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

interface EndedItems {
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
