/** How an interactive request gets a slot while batch work has them all. Pure but for the runners that are asked. */

import type { Waiting } from './tiers.ts';

/**
 * `preempt`: batch work whose answer nobody reads yet gives way and is queued again. `keep`: batch work leaves one slot
 * of its model free; where there is only one it gives way. `wait`: the next slot that becomes free.
 */
export const INTERACTIVE_FIRST = ['preempt', 'keep', 'wait'] as const;
export type InteractiveFirst = (typeof INTERACTIVE_FIRST)[number];

/** One request in its slot. */
export interface Runner {
  readonly request: Waiting;
  readonly since: number;
  /** Asks it to go; false when it must not: its answer is being read. Null: it was never said how. */
  giveWay: (() => boolean) | null;
  /** It was asked and goes. */
  isLeaving: boolean;
}

/** Whether batch work may have a slot, of those that are free and all that there are. */
export function mayTakeSlot(
  first: InteractiveFirst,
  slots: { readonly free: number; readonly total: number },
): boolean {
  return first !== 'keep' || slots.total < 2 || slots.free > 1;
}

export function mustGiveWay(first: InteractiveFirst, slotsTotal: number): boolean {
  return first === 'preempt' || (first === 'keep' && slotsTotal < 2);
}

/** Has so many of the batch work go that everybody who waits gets a slot, the youngest first: it has least to lose. */
export function makeRoom(runners: readonly Runner[], waiting: number, isBatch: (runner: Runner) => boolean): void {
  let missing = waiting - runners.filter(({ isLeaving }) => isLeaving).length;
  const youngestFirst = runners.filter((runner) => !runner.isLeaving && isBatch(runner));
  for (const runner of youngestFirst.toSorted((a, b) => b.since - a.since)) {
    if (missing <= 0) return;
    runner.isLeaving = runner.giveWay?.() ?? false;
    if (runner.isLeaving) missing--;
  }
}
