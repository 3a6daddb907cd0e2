/** How an interactive request gets a slot while batch work has them all. Pure. */

import type { Waiting } from '../queue/tiers.ts';

/**
 * `preempt`: batch work whose answer nobody reads yet gives way and is queued again, and one of four slots or more stays
 * free behind that while such requests go on coming. `keep`: batch work always leaves one slot of its model free; where
 * there is only one it gives way. `wait`: the next slot that becomes free.
 */
const INTERACTIVE_FIRST = ['preempt', 'keep', 'wait'] as const;
export type InteractiveFirst = (typeof INTERACTIVE_FIRST)[number];

/** One request in its slot. */
export interface Runner {
  readonly instance: string;
  readonly request: Waiting;
  readonly since: number;
  /** Asks it to go; false when it must not, since its answer is being read. Absent: it was never said how. */
  giveWay?: () => boolean;
}

/** The fewest slots of a model of which batch work leaves one free: always, or while one was needed lately. */
const KEPT_FROM = { always: 2, lately: 4 };

/** Whether batch work may have a slot, of those that are free and all that there are. */
export function mayTakeSlot(
  first: InteractiveFirst,
  slots: { readonly free: number; readonly total: number },
  neededLately: boolean,
): boolean {
  if (slots.free > 1) return true;
  if (first === 'keep') return slots.total < KEPT_FROM.always;
  return first === 'wait' || !neededLately || slots.total < KEPT_FROM.lately;
}

export function mustGiveWay(first: InteractiveFirst, slotsTotal: number): boolean {
  return first === 'preempt' || (first === 'keep' && slotsTotal < 2);
}

/** Who of the batch work is asked to go, in this order: the youngest first, since it has least to lose. */
export function youngestFirst(runners: readonly Runner[]): readonly Runner[] {
  return runners.toSorted((a, b) => b.since - a.since);
}
