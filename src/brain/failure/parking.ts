/** Tasks that wait for a repair or for an answer: parked with the cause, and set free or failed together when it is over. */

import type { FailureClass } from '../../contract/index.ts';
import type { CompiledNode } from '../../plans/index.ts';
import { forgetParked, parkTask, tasksParkedFor } from '../../store/index.ts';
import type { AttemptEnd, TaskRecord } from '../../store/index.ts';
import { toKnown } from '../known.ts';
import type { Known } from '../known.ts';
import { memoryCharge } from '../tasks/learned-memory.ts';
import { recall } from '../tasks/past.ts';
import { holderOf } from '../tasks/task-state.ts';
import { closeAttempt, expect, move } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

/** What a parked task waits for. */
type ParkCause = `incident:${number}` | `escalation:${number}`;

/** Parks a ready task that nobody holds and that is off the queue, or, with how it ended, one whose attempt is over. */
export function park(turn: Turn, known: Known, cause: ParkCause, because: string, end: AttemptEnd | null = null): void {
  const holder = holderOf(known.task);
  const claim = holder ? { attempt: known.task.attempt, epoch: holder.epoch } : null;
  if (end) closeAttempt(turn, known, end);
  if (move(turn, known, { kind: 'parked', claim, because })) expect(turn, parkTask(turn.tx, known.id, cause));
}

/** Makes ready what waits for the cause; answers how many that were. */
export async function unpark(turn: Turn, cause: ParkCause, because: string): Promise<number> {
  const parked = await takeParked(turn, cause);
  for (const known of parked) free(turn, known, because);
  return parked.length;
}

/** Fails what waits for the cause; answers how many that were. */
export async function abandon(
  turn: Turn,
  cause: ParkCause,
  failure: { readonly class: FailureClass; readonly reason: string },
): Promise<number> {
  const parked = await takeParked(turn, cause);
  for (const known of parked) move(turn, known, { kind: 'abandoned', ...failure });
  return parked.length;
}

/** Makes one parked task ready, with the definition that it is to try. */
export function unparkOne(
  turn: Turn,
  row: TaskRecord,
  { because, node }: { readonly because: string; readonly node: CompiledNode },
): void {
  const batch = turn.book.batches.get(row.batch_id);
  if (!batch) return;
  const known = toKnown(batch, row);
  known.node = node;
  free(turn, known, because);
}

/** A repaired definition may need more memory than was charged. */
function free(turn: Turn, known: Known, because: string): void {
  const memoryBytes = Math.max(known.task.memoryBytes, memoryCharge(known.node, undefined));
  known.task = { ...known.task, memoryBytes };
  move(turn, known, { kind: 'unparked', because });
}

async function takeParked(turn: Turn, cause: ParkCause): Promise<Known[]> {
  const rows = await tasksParkedFor(turn.tx.db, cause);
  await forgetParked(turn.tx, cause);
  const parked = rows.flatMap((row) => {
    const batch = turn.book.batches.get(row.batch_id);
    return batch ? [toKnown(batch, row)] : [];
  });
  await recall(turn.tx.db, parked);
  return parked;
}
