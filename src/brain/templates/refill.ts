/**
 * Makes further rows of a template: up to its window, as far as what its items pair with is made, and in a goal-driven
 * plan only as many candidates as are still wanted.
 */

import type { ForeachItem } from '../../plans/index.ts';
import { countEndedItems, findTask, findTasks } from '../../store/index.ts';
import type { TaskRecord } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { toKnown } from '../known.ts';
import { endAtBarrier, endTemplate, leaveOut } from './end-template.ts';
import { judgeGoal } from './goal.ts';
import type { Goal } from './goal.ts';
import { itemsFrom, takeItems } from './items.ts';
import { materialise } from './materialise.ts';
import { pairedWith, parentsOfItem } from './pairing.ts';
import { itemsToMaterialise } from '../release/release.ts';
import { isEndState } from '../tasks/task-codec.ts';
import type { Turn } from '../turn/turn.ts';

/** The row of a template is read here: what a caller has may be older than the rows made in this turn. */
export async function refill(turn: Turn, batch: ActiveBatch, template: string): Promise<void> {
  const row = await findTask(turn.tx.db, batch.id, template);
  if (row?.state !== 'running' || batch.cancelling) return;
  const { goal } = batch;
  if (goal?.tracked === template) await pursue(turn, batch, row, goal);
  else if (goal?.sources.has(template)) await closeSource(turn, batch, row, goal);
  else await make(turn, batch, row, itemsToMaterialise(windowOf(row)));
}

export function windowOf(row: TaskRecord): Parameters<typeof itemsToMaterialise>[0] {
  return { total: row.items_total ?? 0, nextIndex: row.next_index ?? 0, remaining: row.remaining ?? 0 };
}

/** Makes rows, then those of the templates that pair with them. */
async function make(turn: Turn, batch: ActiveBatch, row: TaskRecord, count: number): Promise<void> {
  if (count <= 0) return;
  const { rows, leftOut } = await materialise(turn, toKnown(batch, row), row.next_index ?? 0, count);
  const { goal } = batch;
  for (const follower of pairedWith(batch, row.name)) {
    const isPulled = goal?.tracked === follower || goal?.sources.has(follower) === true;
    if (rows > 0 && !isPulled) await refill(turn, batch, follower);
  }
  if (leftOut === 0) return;
  const skipped = { items: leftOut, failed: 0, skipped: leftOut };
  const after = await countEndedItems(turn.tx, batch.id, row.name, skipped);
  if (after) endAtBarrier(turn, batch, after);
  await refill(turn, batch, row.name);
}

/** Tries as many further candidates as the goal wants, or ends the template when nothing more will come of it. */
async function pursue(turn: Turn, batch: ActiveBatch, row: TaskRecord, goal: Goal): Promise<void> {
  const listed = row.items_total ?? 0;
  const tried = row.next_index ?? 0;
  const ended = listed - (row.remaining ?? 0);
  const accepted = ended - row.items_failed - row.items_skipped;
  const verdict = judgeGoal(goal, { listed, tried, ended, accepted });
  if (verdict.kind === 'try') return pull(turn, batch, row, verdict.count);
  if (verdict.kind === 'wait') return;
  const closed = await leaveOut(turn, row, listed - tried);
  if (!closed) return;
  const isReached = verdict.kind === 'reached';
  endTemplate(
    turn,
    batch,
    closed,
    isReached ? { kind: 'succeeded', note: verdict.note } : { kind: 'failed', reason: verdict.reason },
  );
}

/** Makes rows of the next items, and before them of all that they pair with. */
async function pull(turn: Turn, batch: ActiveBatch, row: TaskRecord, count: number): Promise<void> {
  const known = toKnown(batch, row);
  const items = await takeItems(turn.tx.db, row.id, row.next_index ?? 0, count);
  const wanted = items.flatMap((item) => parentsOfItem(known, item));
  for (const on of new Set(wanted.map((parent) => parent.on))) {
    const names = wanted.filter((parent) => parent.on === on).map(({ name }) => name);
    await pullNames(turn, batch, on, names);
  }
  await make(turn, batch, row, count);
}

async function pullNames(turn: Turn, batch: ActiveBatch, template: string, names: readonly string[]): Promise<void> {
  const { db } = turn.tx;
  const row = await findTask(db, batch.id, template);
  if (row?.state !== 'running') return;
  const made = new Set((await findTasks(db, batch.id, names)).map(({ name }) => name));
  const missing = new Set(names.filter((name) => !made.has(name)));
  const count = await countUpTo(itemsFrom(db, row.id, row.next_index ?? 0), missing);
  if (count > 0) await pull(turn, batch, row, count);
}

/** How many items there are up to the last of these names. */
async function countUpTo(lists: AsyncIterable<readonly ForeachItem[]>, names: Set<string>): Promise<number> {
  let seen = 0;
  let upTo = 0;
  if (names.size === 0) return upTo;
  for await (const items of lists) {
    for (const { name } of items) {
      seen += 1;
      if (names.delete(name)) upTo = seen;
    }
    if (names.size === 0) break;
  }
  return upTo;
}

/** Once the tracked template has ended nothing more is pulled from its sources. */
async function closeSource(turn: Turn, batch: ActiveBatch, row: TaskRecord, goal: Goal): Promise<void> {
  const tracked = await findTask(turn.tx.db, batch.id, goal.tracked);
  if (!tracked || !isEndState(tracked.state)) return;
  const left = (row.items_total ?? 0) - (row.next_index ?? 0);
  if (left === 0) return;
  const closed = await leaveOut(turn, row, left);
  if (closed) endAtBarrier(turn, batch, closed);
  for (const follower of pairedWith(batch, row.name)) await refill(turn, batch, follower);
}
