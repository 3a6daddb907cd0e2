/**
 * Follows every end of the turn to its last consequence, in the turn's transaction: dependents that become ready or
 * can never run, templates that end with their last item, further items of long lists, batches that have ended.
 */

import { subject } from '../../contract/index.ts';
import type { BatchStatus } from '../../contract/index.ts';
import { countEndedItems, edgesToWaiting, endBatch, hasOpenTasks, hasUndoneTasks } from '../../store/index.ts';
import type { TaskRecord, WaitingEdge } from '../../store/index.ts';
import { applyVerdicts } from './apply-release.ts';
import { endAtBarrier } from '../templates/end-template.ts';
import { dropQuestions, settleCanaries } from '../incidents/ends.ts';
import { refill, windowOf } from '../templates/refill.ts';
import { isUndone, itemsToMaterialise, release } from './release.ts';
import type { EdgeCondition, EndedEdge } from './release.ts';
import type { Ended, Turn } from '../turn/turn.ts';

/** Until nobody else ends. */
export async function settleEnds(turn: Turn): Promise<void> {
  while (turn.ended.length > 0) {
    const ended = turn.ended.splice(0);
    const [templates, edges] = await Promise.all([countItems(turn, ended), edgesFrom(turn, ended)]);
    for (const row of templates) await onItemsEnded(turn, row);
    await closeGoals(turn, ended);
    await settleCanaries(turn, ended);
    await tellDependents(turn, ended, edges);
  }
}

function edgesFrom(turn: Turn, ended: readonly Ended[]): Promise<WaitingEdge[]> {
  return edgesToWaiting(
    turn.tx,
    ended.map(({ id }) => id),
  );
}

async function tellDependents(turn: Turn, ended: readonly Ended[], edges: readonly WaitingEdge[]): Promise<void> {
  const byId = new Map(ended.map((task) => [task.id, task]));
  const judged = edges.flatMap((edge): EndedEdge[] => {
    const parent = byId.get(edge.parent);
    if (!parent) return [];
    return [
      {
        parentName: parent.name,
        ended: parent.as,
        // The store keeps what `submission.ts` and `expansion.ts` wrote.
        condition: edge.condition as EdgeCondition,
        childId: edge.child,
        childPending: edge.child_pending,
      },
    ];
  });
  await applyVerdicts(turn, release(judged));
}

interface EndedItems {
  readonly batchId: string;
  readonly template: string;
  items: number;
  failed: number;
  skipped: number;
}

/** Tells the templates of their items; answers those that have not ended. */
async function countItems(turn: Turn, ended: readonly Ended[]): Promise<TaskRecord[]> {
  const tallies = new Map<string, EndedItems>();
  for (const { batchId, template, as } of ended) {
    if (template === null) continue;
    const key = `${batchId}/${template}`;
    const tally = tallies.get(key) ?? { batchId, template, items: 0, failed: 0, skipped: 0 };
    tallies.set(key, tally);
    tally.items += 1;
    // In a goal-driven plan what follows a candidate that was not accepted is dropped with it.
    const isDropped = as === 'aborted' && turn.book.batches.get(batchId)?.goal?.followers.has(template) === true;
    if (as === 'skipped' || isDropped) tally.skipped += 1;
    else if (isUndone(as)) tally.failed += 1;
  }
  const rows = await Promise.all(
    [...tallies.values()].map((tally) => countEndedItems(turn.tx, tally.batchId, tally.template, tally)),
  );
  return rows.filter((row) => row !== null);
}

async function onItemsEnded(turn: Turn, row: TaskRecord): Promise<void> {
  const batch = turn.book.batches.get(row.batch_id);
  if (!batch) return;
  const isTracked = batch.goal?.tracked === row.name;
  if (!isTracked) endAtBarrier(turn, batch, row);
  if (isTracked || itemsToMaterialise(windowOf(row)) > 0) await refill(turn, batch, row.name);
}

/** With the tracked template of a goal ends what was only there to be tried. */
async function closeGoals(turn: Turn, ended: readonly Ended[]): Promise<void> {
  for (const { batchId, name } of ended) {
    const batch = turn.book.batches.get(batchId);
    if (!batch?.goal || batch.goal.tracked !== name) continue;
    for (const template of [...batch.goal.sources, ...batch.goal.followers]) await refill(turn, batch, template);
  }
}

/** Ends the batches that have nothing left to do. */
export async function endBatches(turn: Turn): Promise<void> {
  for (const id of turn.touched) {
    const batch = turn.book.batches.get(id);
    if (!batch || isMoving(turn, id) || (await hasOpenTasks(turn.tx.db, id))) continue;
    const status: BatchStatus = batch.cancelling
      ? 'cancelled'
      : (await hasUndoneTasks(turn.tx.db, id))
        ? 'failed'
        : 'succeeded';
    const createdAt = await endBatch(turn.tx, id, status);
    if (createdAt === null) continue;
    if (status === 'cancelled') await dropQuestions(turn, batch);
    turn.book.batches.delete(id);
    turn.tx.record({
      type: 'batch.ended',
      subject: subject.batch(id),
      data: { status, duration_ms: turn.tx.now - createdAt },
    });
    turn.effects.push({ kind: 'batch-ended', batchId: id });
  }
}

/** True when the book alone tells that the batch goes on. */
function isMoving({ book }: Turn, batchId: string): boolean {
  return book.queue.has(batchId) || [...book.held.values()].some(({ batch }) => batch.id === batchId);
}
