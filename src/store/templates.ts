/** What foreach templates have beyond other tasks: the frozen list of their items, and the count of those that ended. */

import type { Db } from './schema.ts';
import { run, statement } from './statement.ts';
import type { Tx } from './store.ts';
import { RECORD_COLUMNS } from './tasks.ts';
import type { TaskRecord } from './tasks.ts';

/** Freezes the items of a template; rows are made from them as `next_index` moves on. */
export async function saveManifest(tx: Tx, template: number, items: string, total: number): Promise<void> {
  await tx.db.insertInto('manifest').values({ task_id: template, items }).execute();
  await tx.db
    .updateTable('task')
    .set({ items_total: total, remaining: total, next_index: 0, items_failed: 0 })
    .where('id', '=', template)
    .execute();
}

/** JSON text of the frozen items; null before the expansion. */
export async function loadManifest(db: Db, template: number): Promise<string | null> {
  const row = await db.selectFrom('manifest').select('items').where('task_id', '=', template).executeTakeFirst();
  return row?.items ?? null;
}

export async function setNextIndex(tx: Tx, template: number, nextIndex: number): Promise<void> {
  await tx.db.updateTable('task').set({ next_index: nextIndex }).where('id', '=', template).execute();
}

const COUNT_ENDED = statement(`
  update task set remaining = remaining - ?, items_failed = items_failed + ?
  where batch_id = ? and name = ? and state = 'running' returning ${RECORD_COLUMNS.join(', ')}`);

/** Counts items of a template as ended. Answers the template as it is then; null when it has ended already. */
export async function countEndedItems(
  tx: Tx,
  batchId: string,
  template: string,
  ended: { readonly items: number; readonly failed: number },
): Promise<TaskRecord | null> {
  const result = await run<TaskRecord>(tx, COUNT_ENDED, [ended.items, ended.failed, batchId, template]);
  return result.rows[0] ?? null;
}
