/** What a person does to the course of a batch: nothing new of it starts, it goes on, or a part of it runs again. */

import { AppError, subject } from '../../contract/index.ts';
import { addToGroup } from '../../kernel/index.ts';
import {
  edgesOfBatch,
  findBatch,
  findPlanRun,
  findTask,
  listCourse,
  loadPlanVersion,
  pauseBatch,
  reopenBatch,
  reopenTemplate,
  resetTasks,
  setPending,
  storedGoal,
  unpauseBatch,
} from '../../store/index.ts';
import type { BatchGoal, BatchRecord } from '../../store/index.ts';
import { toActiveBatch } from '../active-batch.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { applyVerdicts, releaseNow } from '../release/apply-release.ts';
import { CONTROLLER, file } from '../book.ts';
import { recallRevisions } from '../incidents/recall.ts';
import { refill } from '../templates/refill.ts';
import type { Turn } from '../turn/turn.ts';
import { planRedo } from './redo.ts';
import type { Redo, RedoChoice } from './redo.ts';

export type CourseOrder =
  | { readonly kind: 'pause'; readonly batchId: string }
  | { readonly kind: 'resume'; readonly batchId: string }
  | { readonly kind: 'retry'; readonly batchId: string; readonly choice: Exclude<RedoChoice, { kind: 'rest' }> };

/** Null when it was done. */
export type CourseRefusal = AppError | null;

export async function applyCourse(turn: Turn, order: CourseOrder): Promise<CourseRefusal> {
  const row = await findBatch(turn.tx.db, order.batchId);
  if (!row) return conflict(order.batchId, 'is not there');
  const run = await findPlanRun(turn.tx.db, order.batchId);
  if (run !== null && run.trimmed_at !== null) return conflict(order.batchId, 'was trimmed: only its summary is kept');
  switch (order.kind) {
    case 'pause':
      return pause(turn, row);
    case 'resume':
      return resume(turn, row);
    case 'retry':
      return redo(turn, row, order.choice);
  }
}

function conflict(batchId: string, state: string): AppError {
  return new AppError('BATCH_STATE', `batch ${batchId} ${state}`, {
    hint: `run "drover batch show ${batchId}"`,
    detail: { batch_id: batchId },
  });
}

async function pause(turn: Turn, row: BatchRecord): Promise<CourseRefusal> {
  const batch = turn.book.batches.get(row.id);
  if (!batch) return conflict(row.id, `has ended: ${row.status}`);
  if (batch.cancelling) return conflict(row.id, 'is being killed');
  if (!(await pauseBatch(turn.tx, row.id))) return null;
  batch.paused = true;
  turn.tx.record({ type: 'batch.paused', subject: subject.batch(row.id), data: {} });
  turn.book.queue.dropBatch(row.id);
  for (const known of turn.book.known.values()) {
    if (known.batch === batch) turn.effects.push({ kind: 'cancel-acquire', id: known.id });
  }
  return null;
}

async function resume(turn: Turn, row: BatchRecord): Promise<CourseRefusal> {
  const batch = turn.book.batches.get(row.id);
  if (batch?.cancelling) return conflict(row.id, 'is being killed: what runs of it has not ended yet');
  if (!batch && row.status === 'succeeded') return conflict(row.id, 'has succeeded: nothing of it is left to run');
  if (!batch) return redo(turn, row, { kind: 'rest' });
  if (!(await unpauseBatch(turn.tx, row.id))) return null;
  batch.paused = false;
  turn.tx.record({ type: 'batch.resumed', subject: subject.batch(row.id), data: { again: 0 } });
  for (const known of turn.book.known.values()) {
    if (known.batch === batch && known.task.status.kind === 'ready') file(turn.book, known);
  }
  return null;
}

async function redo(turn: Turn, row: BatchRecord, choice: RedoChoice): Promise<CourseRefusal> {
  const { db } = turn.tx;
  const active = turn.book.batches.get(row.id);
  if (active?.cancelling) return conflict(row.id, 'is being killed: what runs of it has not ended yet');
  if (choice.kind === 'from' && !(await findTask(db, row.id, choice.task))) {
    return new AppError('TASK_NOT_FOUND', `batch ${row.id} has no task ${choice.task}`, {
      hint: `run "drover batch show ${row.id}"`,
    });
  }
  const batch = active ?? (await loadEnded(turn, row));
  const [rows, edges] = await Promise.all([listCourse(db, row.id), edgesOfBatch(db, row.id)]);
  const goal = storedGoal(row);
  const plan = planRedo({ rows, edges }, choice, goal);
  if (plan.reset.length + plan.reopened.length === 0) return nothingAgain(row.id, goal);
  await reopenBatch(turn.tx, row.id);
  turn.book.batches.set(row.id, batch);
  turn.touched.add(row.id);
  tell(turn, row.id, choice, plan.reset.length);
  await beginAnew(turn, plan);
  for (const { id } of plan.reopened) await refill(turn, batch, nameOf(rows, id));
  return null;
}

function nothingAgain(batchId: string, goal: BatchGoal | null): AppError {
  const nothing = 'has nothing of that to run again';
  if (goal === null) return conflict(batchId, nothing);
  return new AppError('BATCH_STATE', `batch ${batchId} ${nothing}: what its goal did without is no failure`, {
    hint: `run "drover batch retry ${batchId} --from ${goal.tracked}" to judge its candidates anew`,
    detail: { batch_id: batchId },
  });
}

async function loadEnded(turn: Turn, row: BatchRecord): Promise<ActiveBatch> {
  const compiled = await loadPlanVersion(turn.tx.db, row.plan_digest);
  if (compiled === null) throw new Error(`the plan version of batch ${row.id} is gone`);
  const batch = { ...toActiveBatch(row, compiled), cancelling: false };
  await recallRevisions(turn.tx.db, batch);
  return batch;
}

function tell(turn: Turn, batchId: string, choice: RedoChoice, again: number): void {
  if (choice.kind === 'rest') {
    turn.tx.record({ type: 'batch.resumed', subject: subject.batch(batchId), data: { again } });
  } else {
    turn.tx.record({ type: 'batch.retried', subject: subject.batch(batchId), data: { choice: choice.kind, again } });
  }
}

/** Templates first: what their items mean for them is counted as soon as one ends. */
async function beginAnew(turn: Turn, { reset, blocked, reopened, waiting }: Redo): Promise<void> {
  const holder = { agent: CONTROLLER, epoch: turn.book.epoch };
  for (const template of reopened) await reopenTemplate(turn.tx, template, holder);
  for (const [pending, ids] of idsByPending(reset)) await resetTasks(turn.tx, ids, pending);
  for (const [pending, ids] of idsByPending(waiting)) await setPending(turn.tx, ids, pending);
  const stuck = new Set(blocked.map(({ childId }) => childId));
  const free = reset.filter(({ id, pending }) => pending === 0 && !stuck.has(id));
  await releaseNow(
    turn,
    free.map(({ id }) => id),
  );
  await applyVerdicts(turn, blocked);
}

function idsByPending(tasks: Redo['reset']): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<number, number[]>();
  for (const { id, pending } of tasks) addToGroup(groups, pending, id);
  return groups;
}

function nameOf(rows: readonly { readonly id: number; readonly name: string }[], id: number): string {
  return rows.find((row) => row.id === id)?.name ?? '';
}
