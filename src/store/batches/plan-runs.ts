/** What ended batches came to, as rows that stay when the tasks of a batch go; and the going of those tasks. */

import { sql } from 'kysely';

import type { Db, Row } from '../schema.ts';
import type { JsonText } from '../codec.ts';
import type { Tx } from '../store.ts';

/** Ids that go into one statement. */
const CHUNK = 5_000;

type PlanRunRecord = Row<'plan_run'>;

interface EndedRun {
  readonly batchId: string;
  /** The plan's own name. */
  readonly plan: string;
  /** The name of its folder. */
  readonly folder: string;
  readonly planPath: string;
  readonly status: PlanRunRecord['status'];
  readonly createdAt: number;
  readonly endedAt: number;
  readonly summary: JsonText;
}

/** Stores what a batch came to; a batch that ended again comes to something else. */
export async function savePlanRun(tx: Tx, run: EndedRun): Promise<void> {
  const { status, endedAt, summary } = run;
  await tx.db
    .insertInto('plan_run')
    .values({
      batch_id: run.batchId,
      plan: run.plan,
      folder: run.folder,
      plan_path: run.planPath,
      status,
      created_at: run.createdAt,
      ended_at: endedAt,
      summary,
    })
    .onConflict((conflict) => conflict.column('batch_id').doUpdateSet({ status, ended_at: endedAt, summary }))
    .execute();
}

/** Runs of the plan of that name or folder name, newest first. */
export async function listPlanRuns(db: Db, name: string, limit: number): Promise<PlanRunRecord[]> {
  return db
    .selectFrom('plan_run')
    .selectAll()
    .where(({ eb, or }) => or([eb('plan', '=', name), eb('folder', '=', name)]))
    .orderBy('created_at', 'desc')
    .orderBy('batch_id', 'desc')
    .limit(limit)
    .execute();
}

export async function findPlanRun(db: Db, batchId: string): Promise<PlanRunRecord | null> {
  const row = await db.selectFrom('plan_run').selectAll().where('batch_id', '=', batchId).executeTakeFirst();
  return row ?? null;
}

/** Whether what the batch came to, at its latest end, is stored. */
export async function isToldOf(
  db: Db,
  { id, ended_at: endedAt }: Pick<Row<'batch'>, 'id' | 'ended_at'>,
): Promise<boolean> {
  if (endedAt === null) return false;
  const told = db.selectFrom('plan_run').select('batch_id').where('batch_id', '=', id).where('ended_at', '=', endedAt);
  return (await told.executeTakeFirst()) !== undefined;
}

/** Batches that have ended, the last time perhaps, without a row that says what they came to; newest first. */
export async function listUntoldRuns(db: Db, limit: number): Promise<{ readonly id: string }[]> {
  return db
    .selectFrom('batch')
    .leftJoin('plan_run', 'plan_run.batch_id', 'batch.id')
    .select('batch.id')
    .where('batch.ended_at', 'is not', null)
    .where(({ eb, or }) =>
      or([eb('plan_run.batch_id', 'is', null), eb('plan_run.ended_at', '<', eb.ref('batch.ended_at'))]),
    )
    .orderBy('batch.created_at', 'desc')
    .limit(limit)
    .execute();
}

/** Whole runs of each plan beyond its newest `keep`, oldest first. */
export async function listRunsToTrim(db: Db, keep: number, limit: number): Promise<{ readonly batch_id: string }[]> {
  const { rows } = await sql<{ batch_id: string }>`select batch_id from (
      select batch_id, created_at, trimmed_at,
        row_number() over (partition by plan_path order by created_at desc, batch_id desc) as place
      from plan_run) ranked
    where place > ${keep} and trimmed_at is null order by created_at limit ${limit}`.execute(db);
  return rows;
}

/** False when the batch runs again, or has been trimmed. From here on nothing brings its tasks back. */
export async function markTrimmed(tx: Tx, batchId: string): Promise<boolean> {
  const result = await sql`update plan_run set trimmed_at = ${tx.now} where batch_id = ${batchId}
    and trimmed_at is null and exists (select 1 from batch
      where id = ${batchId} and status not in ('running', 'paused'))`.execute(tx.db);
  return result.numAffectedRows === 1n;
}

export async function listUnsweptRuns(db: Db): Promise<{ readonly batch_id: string }[]> {
  return db
    .selectFrom('plan_run')
    .select('batch_id')
    .where('trimmed_at', 'is not', null)
    .where('swept_at', 'is', null)
    .execute();
}

/** Of these batches those that were trimmed, with what they came to. */
export async function listTrimmedRuns(
  db: Db,
  batchIds: readonly string[],
): Promise<{ readonly batch_id: string; readonly summary: JsonText }[]> {
  const found = [];
  for (let start = 0; start < batchIds.length; start += CHUNK) {
    found.push(
      ...(await db
        .selectFrom('plan_run')
        .select(['batch_id', 'summary'])
        .where('batch_id', 'in', batchIds.slice(start, start + CHUNK))
        .where('trimmed_at', 'is not', null)
        .execute()),
    );
  }
  return found;
}

export async function markSwept(tx: Tx, batchId: string): Promise<void> {
  await tx.db.updateTable('plan_run').set({ swept_at: tx.now }).where('batch_id', '=', batchId).execute();
}

/** What hangs on tasks, and goes before them. */
const OF_TASKS = [
  ['attempt_signal', 'task_id'],
  ['parked_task', 'task_id'],
  ['attempt', 'task_id'],
  ['manifest_chunk', 'task_id'],
  ['edge', 'parent'],
  ['edge', 'child'],
] as const;

/** Removes some tasks of a trimmed batch with all that hangs on them; answers how many. */
export async function removeTasks(tx: Tx, batchId: string, limit: number): Promise<number> {
  const found = await tx.db.selectFrom('task').select('id').where('batch_id', '=', batchId).limit(limit).execute();
  if (found.length === 0) return 0;
  const ids = sql.join(found.map(({ id }) => id));
  for (const [table, column] of OF_TASKS) {
    await sql`delete from ${sql.table(table)} where ${sql.ref(column)} in (${ids})`.execute(tx.db);
  }
  await sql`delete from task where id in (${ids})`.execute(tx.db);
  return found.length;
}
