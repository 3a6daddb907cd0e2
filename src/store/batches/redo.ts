/** Rows of a batch that runs again in part: what is looked at to choose, and how ended tasks begin anew. */

import { sql } from 'kysely';

import type { Db } from '../schema.ts';
import { idSet, run, statement } from '../commit/statement.ts';
import type { Tx } from '../store.ts';
import type { NewEdge, TaskRecord } from './tasks.ts';

const COLUMNS = [
  'id',
  'name',
  'kind',
  'template',
  'item_key',
  'item_index',
  'state',
  'pending',
  'items_total',
  'next_index',
] as const satisfies readonly (keyof TaskRecord)[];

/** As much of a task as says whether it runs again. */
export type CourseRow = Pick<TaskRecord, (typeof COLUMNS)[number]>;

export async function listCourse(db: Db, batchId: string): Promise<CourseRow[]> {
  return db.selectFrom('task').select(COLUMNS).where('batch_id', '=', batchId).orderBy('id').execute();
}

export async function edgesOfBatch(db: Db, batchId: string): Promise<NewEdge[]> {
  return db
    .selectFrom('edge')
    .innerJoin('task', 'task.id', 'edge.child')
    .select(['edge.parent', 'edge.child', 'edge.condition'])
    .where('task.batch_id', '=', batchId)
    .execute();
}

const RESET = statement(`
  update task set state = 'waiting', pending = ?, failures = 0, free_attempts = 0, ready_at = null, agent = null,
    agent_epoch = null, device = null, pid = null, started_at = null, ended_at = null, exit_code = null, reason = null,
    answer = null
  where state in ('succeeded', 'failed', 'skipped', 'aborted', 'cancelled') and id in ids(?)`);

/** Ended tasks wait again for as many parents, with a full budget of tries; their attempts go on being counted. */
export async function resetTasks(tx: Tx, ids: readonly number[], pending: number): Promise<void> {
  if (ids.length > 0) await run(tx, RESET, [pending, idSet(ids)]);
}

export interface ReopenedTemplate {
  readonly id: number;
  /** Items from here on have no row yet. */
  readonly nextIndex: number;
  readonly remaining: number;
  readonly failed: number;
  readonly skipped: number;
}

/** An expanded template counts its items again, held by the one who counts. */
export async function reopenTemplate(
  tx: Tx,
  { id, nextIndex, remaining, failed, skipped }: ReopenedTemplate,
  holder: { readonly agent: string; readonly epoch: number },
): Promise<void> {
  await sql`update task set state = 'running', agent = ${holder.agent}, agent_epoch = ${holder.epoch},
    started_at = coalesce(started_at, ${tx.now}), ended_at = null, reason = null,
    next_index = ${nextIndex}, remaining = ${remaining}, items_failed = ${failed}, items_skipped = ${skipped} where id = ${id}`.execute(
    tx.db,
  );
}
