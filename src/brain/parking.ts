/** Tasks that wait for a repair or for an answer: parked with the cause, and set free or failed together when it is over. */

import type { FailureClass } from '../contract/index.ts';
import { forgetParked, parkTask, tasksParkedFor } from '../store/index.ts';
import { toKnown } from './book.ts';
import type { Known } from './book.ts';
import { holderOf } from './task-state.ts';
import { closeAttempt, expect, move } from './turn.ts';
import type { Turn } from './turn.ts';
import type { AttemptEnd } from '../store/index.ts';

/** What a parked task waits for. */
export type ParkCause = `incident:${number}` | `escalation:${number}`;

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
  for (const known of parked) move(turn, known, { kind: 'unparked', because });
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

async function takeParked(turn: Turn, cause: ParkCause): Promise<Known[]> {
  const rows = await tasksParkedFor(turn.tx.db, cause);
  await forgetParked(turn.tx, cause);
  return rows.flatMap((row) => {
    const batch = turn.book.batches.get(row.batch_id);
    return batch ? [toKnown(batch, row)] : [];
  });
}
