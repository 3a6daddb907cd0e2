/**
 * Tasks and their edges, as rows. What may change when is decided by the brain; here every change of a
 * task names the state, attempt and epoch it starts from, and does nothing to a row that has moved on.
 */

import { sql } from 'kysely';

import type { TaskClass, TaskState, TaskType } from '../../contract/index.ts';
import { insertMany } from '../commit/insert-many.ts';
import type { Db, NewRow, Row } from '../schema.ts';
import { idSet, run, statement } from '../commit/statement.ts';
import type { Tx } from '../store.ts';

/** Ids that go into one statement. */
const CHUNK = 5_000;

export type TaskRecord = Row<'task'>;

/** Every column, named, so that a row is the same in both databases. */
export const RECORD_COLUMNS = [
  'id',
  'batch_id',
  'name',
  'kind',
  'template',
  'item_key',
  'item_index',
  'item',
  'type',
  'class',
  'state',
  'pending',
  'remaining',
  'items_total',
  'next_index',
  'items_failed',
  'items_skipped',
  'priority',
  'ready_at',
  'attempt',
  'failures',
  'free_attempts',
  'memory_bytes',
  'agent',
  'agent_epoch',
  'device',
  'pid',
  'leased_at',
  'started_at',
  'ended_at',
  'exit_code',
  'reason',
  'answer',
] as const satisfies readonly (keyof TaskRecord)[];

const RECORD = sql.raw(RECORD_COLUMNS.join(', '));

/** A task that is not there yet; the caller numbers it from `nextTaskId`. */
export interface NewTask {
  readonly id: number;
  readonly batchId: string;
  readonly name: string;
  readonly kind: 'task' | 'template';
  readonly template: string | null;
  readonly itemKey: string | null;
  readonly itemIndex: number | null;
  /** JSON of its item. */
  readonly item: string | null;
  readonly type: TaskType;
  readonly class: TaskClass | null;
  readonly pending: number;
  readonly priority: number;
  readonly memoryBytes: number;
}

export interface NewEdge {
  readonly parent: number;
  readonly child: number;
  readonly condition: string;
}

/** The first id that no task has. Only the one writer of tasks may number them. */
export async function nextTaskId(db: Db): Promise<number> {
  const row = await db.selectFrom('task').select(db.fn.max('id').as('last')).executeTakeFirst();
  return Number(row?.last ?? 0) + 1;
}

/** Inserts tasks as `waiting`; those without pending edges are released by the caller, like any other. */
export async function insertTasks(tx: Tx, tasks: Iterable<NewTask>): Promise<void> {
  await insertMany(tx, 'task', rowsOf(tasks));
}

function* rowsOf(tasks: Iterable<NewTask>): Generator<NewRow<'task'>> {
  for (const task of tasks) yield toRow(task);
}

function toRow(task: NewTask): NewRow<'task'> {
  return {
    id: task.id,
    batch_id: task.batchId,
    name: task.name,
    kind: task.kind,
    template: task.template,
    item_key: task.itemKey,
    item_index: task.itemIndex,
    item: task.item,
    type: task.type,
    class: task.class,
    state: 'waiting',
    pending: task.pending,
    priority: task.priority,
    memory_bytes: task.memoryBytes,
  };
}

export async function insertEdges(tx: Tx, edges: Iterable<NewEdge>): Promise<void> {
  await insertMany(tx, 'edge', edges);
}

/** What of a task changes when it moves. A null `ready_at` leaves the time at which it was ready last. */
export type TaskChange = Pick<
  TaskRecord,
  | 'state'
  | 'attempt'
  | 'failures'
  | 'free_attempts'
  | 'memory_bytes'
  | 'ready_at'
  | 'agent'
  | 'agent_epoch'
  | 'device'
  | 'pid'
  | 'started_at'
  | 'ended_at'
  | 'exit_code'
  | 'reason'
>;

/** The row that a change was decided on. */
export interface TaskExpectation {
  readonly id: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly epoch: number | null;
}

const MOVE = statement(`
  update task set state = ?, attempt = ?, failures = ?, free_attempts = ?, memory_bytes = ?, ready_at = coalesce(?, ready_at),
    agent = ?, agent_epoch = ?, device = ?, pid = ?, started_at = ?, ended_at = ?, exit_code = ?, reason = ?
  where id = ? and state = ? and attempt = ? and coalesce(agent_epoch, -1) = ?`);

/** Applies a change to the row it was decided on. False when the row has moved on: nothing has changed then. */
export async function moveTask(tx: Tx, expected: TaskExpectation, change: TaskChange): Promise<boolean> {
  const result = await run(tx, MOVE, [
    change.state,
    change.attempt,
    change.failures,
    change.free_attempts,
    change.memory_bytes,
    change.ready_at,
    change.agent,
    change.agent_epoch,
    change.device,
    change.pid,
    change.started_at,
    change.ended_at,
    change.exit_code,
    change.reason,
    expected.id,
    expected.state,
    expected.attempt,
    expected.epoch ?? -1,
  ]);
  return result.numAffectedRows === 1n;
}

const REUSE = statement(`
  update task set state = 'succeeded', ended_at = ?, reason = ? where state = 'ready' and id in ids(?) returning id`);

/** Ends ready tasks well without an attempt; answers how many were ready. */
export async function reuseTasks(tx: Tx, ids: readonly number[], reason: string): Promise<number> {
  return (await run(tx, REUSE, [tx.now, reason, idSet(ids)])).rows.length;
}

const ANSWER = statement('update task set answer = ? where id = ?');

/** Keeps what a decide task answered. Only who holds its current attempt may say. */
export async function answerTask(tx: Tx, id: number, answer: string): Promise<void> {
  await run(tx, ANSWER, [answer, id]);
}

const RELEASE = statement(`
  update task set state = 'ready', pending = 0, ready_at = ?
  where state = 'waiting' and id in ids(?) returning ${RECORD_COLUMNS.join(', ')}`);

/** Makes waiting tasks ready, and answers them as they are then. */
export async function releaseTasks(tx: Tx, ids: readonly number[]): Promise<TaskRecord[]> {
  if (ids.length === 0) return [];
  return (await run<TaskRecord>(tx, RELEASE, [tx.now, idSet(ids)])).rows;
}

/** Ends waiting tasks that can never run, all for one reason, and answers them. */
export async function endWaitingTasks(
  tx: Tx,
  ids: readonly number[],
  as: 'aborted' | 'skipped',
  reason: string,
): Promise<TaskRecord[]> {
  const ended: TaskRecord[] = [];
  for (const chunk of chunks(ids)) {
    const result = await sql<TaskRecord>`update task set state = ${as}, ended_at = ${tx.now}, reason = ${reason}
      where state = 'waiting' and id in (${sql.join(chunk)}) returning ${RECORD}`.execute(tx.db);
    ended.push(...result.rows);
  }
  return ended;
}

/** Sets how many parents these waiting tasks still wait for. */
export async function setPending(tx: Tx, ids: readonly number[], pending: number): Promise<void> {
  for (const chunk of chunks(ids)) {
    await sql`update task set pending = ${pending} where state = 'waiting' and id in (${sql.join(chunk)})`.execute(
      tx.db,
    );
  }
}

const LEASE = statement(`
  update task set state = 'leased', attempt = attempt + 1, agent = ?, agent_epoch = ?, leased_at = ?, started_at = null,
    device = null, pid = null, exit_code = null, reason = null
  where state = 'ready' and id in ids(?) returning id`);

/** Leases ready tasks to one holder, in one statement. Answers the ids of those that were ready. */
export async function leaseTasks(
  tx: Tx,
  ids: readonly number[],
  holder: { readonly agent: string; readonly epoch: number },
): Promise<number[]> {
  const result = await run<{ id: number }>(tx, LEASE, [holder.agent, holder.epoch, tx.now, idSet(ids)]);
  return result.rows.map(({ id }) => id);
}

/** An edge whose parent has ended and whose child still waits. */
export interface WaitingEdge {
  readonly parent: number;
  readonly child: number;
  readonly condition: string;
  readonly child_pending: number;
}

const EDGES_TO_WAITING = statement(`
  select edge.parent, edge.child, edge.condition, task.pending as child_pending
  from edge join task on task.id = edge.child where edge.parent in ids(?) and task.state = 'waiting'`);

export async function edgesToWaiting(tx: Tx, parents: readonly number[]): Promise<WaitingEdge[]> {
  if (parents.length === 0) return [];
  return (await run<WaitingEdge>(tx, EDGES_TO_WAITING, [idSet(parents)])).rows;
}

/** Forgets the edges that a template's expansion has met, so that its end does not meet them again. */
export async function dropExpansionEdges(tx: Tx, template: number): Promise<void> {
  await tx.db.deleteFrom('edge').where('parent', '=', template).where('condition', '=', 'expanded').execute();
}

/** Tasks that can move without a parent: the partial indexes keep this as small as what is going on. */
export async function loadMovable(db: Db): Promise<TaskRecord[]> {
  const states: readonly TaskState[] = ['ready', 'backoff', 'leased', 'running'];
  const found: TaskRecord[] = [];
  for (const state of states) {
    const rows = await db
      .selectFrom('task')
      .select(RECORD_COLUMNS)
      .where(sql<boolean>`state = ${sql.lit(state)}`)
      .execute();
    found.push(...rows);
  }
  return found;
}

export async function loadTemplates(db: Db, batchId: string): Promise<TaskRecord[]> {
  return db
    .selectFrom('task')
    .select(RECORD_COLUMNS)
    .where('batch_id', '=', batchId)
    .where('kind', '=', 'template')
    .execute();
}

export async function findTask(db: Db, batchId: string, name: string): Promise<TaskRecord | null> {
  const row = await db
    .selectFrom('task')
    .select(RECORD_COLUMNS)
    .where('batch_id', '=', batchId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row ?? null;
}

/** Ids, states and answers by name, of those names that exist. */
export async function findTasks(
  db: Db,
  batchId: string,
  names: readonly string[],
): Promise<Pick<TaskRecord, 'id' | 'name' | 'state' | 'answer'>[]> {
  const found = [];
  for (const chunk of chunks(names)) {
    found.push(
      ...(await db
        .selectFrom('task')
        .select(['id', 'name', 'state', 'answer'])
        .where('batch_id', '=', batchId)
        .where('name', 'in', chunk)
        .execute()),
    );
  }
  return found;
}

export async function listTasks(db: Db, batchId: string): Promise<TaskRecord[]> {
  return db.selectFrom('task').select(RECORD_COLUMNS).where('batch_id', '=', batchId).orderBy('id').execute();
}

/** What a task depends on, by name. */
export async function parentsOf(db: Db, id: number): Promise<{ readonly name: string; readonly condition: string }[]> {
  return db
    .selectFrom('edge')
    .innerJoin('task', 'task.id', 'edge.parent')
    .select(['task.name', 'edge.condition'])
    .where('edge.child', '=', id)
    .orderBy('task.id')
    .execute();
}

/** True while any task of the batch can still move or wait. */
export async function hasOpenTasks(db: Db, batchId: string): Promise<boolean> {
  const result = await sql<{ one: number }>`select 1 as one from task where batch_id = ${batchId}
    and state in ('waiting', 'ready', 'backoff', 'leased', 'running', 'parked') limit 1`.execute(db);
  return result.rows.length > 0;
}

/** True when a task of the batch has ended without success, other than an item whose template succeeded all the same. */
export async function hasUndoneTasks(db: Db, batchId: string): Promise<boolean> {
  const result = await sql<{ one: number }>`select 1 as one from task where batch_id = ${batchId}
    and state in ('failed', 'aborted', 'cancelled')
    and not exists (select 1 from task as whole where whole.batch_id = task.batch_id and whole.name = task.template
      and whole.kind = 'template' and whole.state = 'succeeded') limit 1`.execute(db);
  return result.rows.length > 0;
}

/** The reason of a task that its batch's kill has ended. */
export const BATCH_KILLED = 'the batch was killed';

/** Cancels what nobody holds, and templates that wait for their items. Answers who that was. */
export async function cancelUnheldTasks(
  tx: Tx,
  batchId: string,
): Promise<{ readonly id: number; readonly name: string }[]> {
  const result = await sql<{ id: number; name: string }>`
    update task set state = 'cancelled', ended_at = ${tx.now}, reason = ${BATCH_KILLED}, agent = null, agent_epoch = null
    where batch_id = ${batchId} and (state in ('waiting', 'ready', 'backoff', 'parked')
      or (kind = 'template' and state in ('leased', 'running')))
    returning id, name`.execute(tx.db);
  return result.rows;
}

/** As `cancelUnheldTasks`, whoever holds them. */
export async function cancelOpenTasks(
  tx: Tx,
  batchId: string,
): Promise<{ readonly id: number; readonly name: string }[]> {
  const result = await sql<{ id: number; name: string }>`
    update task set state = 'cancelled', ended_at = ${tx.now}, reason = ${BATCH_KILLED}, agent = null, agent_epoch = null
    where batch_id = ${batchId} and state in ('waiting', 'ready', 'backoff', 'parked', 'leased', 'running')
    returning id, name`.execute(tx.db);
  return result.rows;
}

function* chunks<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += CHUNK) yield list.slice(start, start + CHUNK);
}
