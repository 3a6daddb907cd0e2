/** Batches and the plan versions they execute, as rows: how one begins, how it ends, and the counts of its tasks. */

import { sql } from 'kysely';

import { AppError } from '../../contract/errors.ts';
import type { BatchStatus, TaskCounts, TaskState } from '../../contract/index.ts';
import { encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';
import { isOfGoal, tallyGoals } from './goal-counts.ts';
import type { BatchGoal, GoalTally } from './goal-counts.ts';

/** Ids that go into one statement. */
const CHUNK = 5_000;

export type BatchRecord = Row<'batch'>;

export interface NewBatch {
  readonly id: string;
  readonly plan: { readonly name: string; readonly digest: string; readonly path: string };
  /** `PLAN/history/BATCH`. */
  readonly path: string;
  readonly priority: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | null;
  /** Of a goal-driven plan. */
  readonly goal?: BatchGoal | undefined;
}

export type InsertBatchResult =
  | { readonly kind: 'inserted' }
  /** The id is taken: draw another. */
  | { readonly kind: 'taken' }
  /** The idempotency key names this batch, of the same content. */
  | { readonly kind: 'exists'; readonly batchId: string };

/**
 * Begins a batch of a stored plan version. Rejects with IDEMPOTENCY_CONFLICT when the key was used for another
 * plan, another version of it or another config.
 */
export async function insertBatch(tx: Tx, batch: NewBatch): Promise<InsertBatchResult> {
  if (batch.idempotencyKey !== null) {
    const existing = await findByKey(tx.db, batch.idempotencyKey);
    if (existing) return sameContent(existing, batch);
  }
  const result = await tx.db
    .insertInto('batch')
    .values({
      id: batch.id,
      plan_name: batch.plan.name,
      plan_digest: batch.plan.digest,
      plan_path: batch.plan.path,
      path: batch.path,
      status: 'running',
      priority: batch.priority,
      config: encodeJson(batch.config),
      env: encodeJson(batch.env),
      idempotency_key: batch.idempotencyKey,
      created_at: tx.now,
      goal: batch.goal ? encodeJson(batch.goal) : null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n ? { kind: 'inserted' } : { kind: 'taken' };
}

/** The batch of an idempotency key, or null. */
async function findByKey(db: Db, key: string): Promise<BatchRecord | null> {
  const row = await db.selectFrom('batch').selectAll().where('idempotency_key', '=', key).executeTakeFirst();
  return row ?? null;
}

function sameContent(existing: BatchRecord, batch: NewBatch): InsertBatchResult {
  const same =
    existing.plan_digest === batch.plan.digest &&
    existing.plan_path === batch.plan.path &&
    existing.config === encodeJson(batch.config);
  if (same) return { kind: 'exists', batchId: existing.id };
  throw new AppError(
    'IDEMPOTENCY_CONFLICT',
    `the idempotency key already began batch ${existing.id} of other content`,
    {
      hint: `use another key, or run "drover batch show ${existing.id}"`,
      detail: { batch_id: existing.id },
    },
  );
}

interface PlanVersion {
  readonly digest: string;
  readonly name: string;
  /** JSON text of the compiled plan. */
  readonly compiled: string;
}

/** Stores a version of a plan unless it is stored. A version never changes. */
export async function savePlanVersion(tx: Tx, version: PlanVersion): Promise<void> {
  await tx.db
    .insertInto('plan_version')
    .values({ digest: version.digest, name: version.name, compiled: version.compiled, created_at: tx.now })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute();
}

export async function loadPlanVersion(db: Db, digest: string): Promise<string | null> {
  const row = await db.selectFrom('plan_version').select('compiled').where('digest', '=', digest).executeTakeFirst();
  return row?.compiled ?? null;
}

export async function findBatch(db: Db, id: string): Promise<BatchRecord | null> {
  return (await db.selectFrom('batch').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Newest first. */
export async function listBatches(db: Db): Promise<BatchRecord[]> {
  return db.selectFrom('batch').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').execute();
}

export async function listActiveBatches(db: Db): Promise<BatchRecord[]> {
  return db
    .selectFrom('batch')
    .selectAll()
    .where(sql<boolean>`status in ('running', 'paused')`)
    .execute();
}

/** False when it has started before. */
export async function startBatch(tx: Tx, id: string): Promise<boolean> {
  const result = await tx.db
    .updateTable('batch')
    .set({ started_at: tx.now })
    .where('id', '=', id)
    .where('started_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** False when it is paused already, or has ended. */
export async function pauseBatch(tx: Tx, id: string): Promise<boolean> {
  return changeStatus(tx, id, 'running', 'paused');
}

/** False when it is not paused. */
export async function unpauseBatch(tx: Tx, id: string): Promise<boolean> {
  return changeStatus(tx, id, 'paused', 'running');
}

async function changeStatus(tx: Tx, id: string, from: BatchStatus, to: BatchStatus): Promise<boolean> {
  const result = await tx.db
    .updateTable('batch')
    .set({ status: to })
    .where('id', '=', id)
    .where('status', '=', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** A batch goes on, though it has ended: nobody has killed it any more. One that is paused stays so. */
export async function reopenBatch(tx: Tx, id: string): Promise<void> {
  await tx.db
    .updateTable('batch')
    .set({ status: 'running', ended_at: null, cancel_requested_at: null })
    .where('id', '=', id)
    .where('status', 'in', ['succeeded', 'failed', 'cancelled'])
    .execute();
}

/** False when the batch has ended, or somebody asked before. */
export async function requestCancel(tx: Tx, id: string): Promise<boolean> {
  const result = await tx.db
    .updateTable('batch')
    .set({ cancel_requested_at: tx.now })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('cancel_requested_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** When the batch was created; null when it has ended before. */
export async function endBatch(tx: Tx, id: string, status: BatchStatus): Promise<number | null> {
  const row = await tx.db
    .updateTable('batch')
    .set({ status, ended_at: tx.now })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning('created_at')
    .executeTakeFirst();
  return row?.created_at ?? null;
}

interface CountRow {
  readonly batch_id: string;
  readonly state: TaskState;
  readonly tasks: number;
}

interface TemplateRow {
  readonly batch_id: string;
  readonly name: string;
  readonly state: TaskState;
  /** Items that have no row yet; null or 0 of a template without items. */
  readonly unmade: number | null;
}

/**
 * Tasks by state, per batch. A template counts as one task while it has no items; then they count instead of it, also
 * those that have no row yet: as waiting, or as cancelled with their template. Of what serves a goal only what was made
 * counts, and what was turned down counts apart from failures.
 */
export async function countTasks(db: Db, batchIds: readonly string[]): Promise<ReadonlyMap<string, TaskCounts>> {
  const counts = new Map<string, TaskCounts>();
  for (let start = 0; start < batchIds.length; start += CHUNK) {
    for (const [id, tasks] of await countSome(db, batchIds.slice(start, start + CHUNK))) counts.set(id, tasks);
  }
  return counts;
}

async function countSome(db: Db, batchIds: readonly string[]): Promise<ReadonlyMap<string, TaskCounts>> {
  const counts = new Map(batchIds.map((id) => [id, emptyCounts()]));
  const ids = sql.join(batchIds);
  const rows = await sql<CountRow>`select batch_id, state, count(*) as tasks from task
    where batch_id in (${ids}) and kind = 'task' group by batch_id, state`.execute(db);
  const templates = await sql<TemplateRow>`select batch_id, name, state, items_total - next_index as unmade from task
    where batch_id in (${ids}) and kind = 'template'
      and (next_index < items_total or items_total = 0 or items_total is null)`.execute(db);
  for (const row of rows.rows) add(counts.get(row.batch_id), row.state, Number(row.tasks));
  const goals = await tallyGoals(db, batchIds);
  for (const { batch_id: id, name, state, unmade } of templates.rows) {
    const items = Number(unmade ?? 0);
    const goal = goals.get(id)?.goal;
    if (items > 0 && goal && isOfGoal(goal, name)) continue;
    if (items === 0) add(counts.get(id), state, 1);
    else add(counts.get(id), state === 'cancelled' ? 'cancelled' : 'waiting', items);
  }
  for (const [id, tally] of goals) setApart(counts.get(id), tally);
  return counts;
}

function setApart(counts: MutableCounts | undefined, { counts: goal, rejected }: GoalTally): void {
  if (!counts) return;
  counts.failed -= rejected.failed;
  counts.aborted -= rejected.aborted;
  counts.rejected = rejected.failed + rejected.aborted;
  counts.goal = goal;
}

/** Tasks of all running batches by state, for the house at a glance. */
export async function countActiveTasks(db: Db): Promise<TaskCounts> {
  const counts = emptyCounts();
  const rows = await sql<CountRow>`select task.state, count(*) as tasks from task join batch on batch.id = task.batch_id
    where batch.status in ('running', 'paused') and task.kind = 'task' group by task.state`.execute(db);
  for (const row of rows.rows) add(counts, row.state, Number(row.tasks));
  return counts;
}

type MutableCounts = { -readonly [K in keyof TaskCounts]: TaskCounts[K] };

function emptyCounts(): MutableCounts {
  return {
    total: 0,
    waiting: 0,
    ready: 0,
    leased: 0,
    running: 0,
    backoff: 0,
    succeeded: 0,
    failed: 0,
    skipped: 0,
    aborted: 0,
    cancelled: 0,
    parked: 0,
  };
}

function add(counts: MutableCounts | undefined, state: TaskState, tasks: number): void {
  if (!counts) return;
  counts[state] += tasks;
  counts.total += tasks;
}
