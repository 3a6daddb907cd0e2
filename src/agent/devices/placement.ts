/** Which devices may run an attempt, in the order in which they are asked, and what it draws from them. Pure. */

import type { Grant, TaskClass } from '../../contract/index.ts';
import type { DeviceKind } from '../../devices/index.ts';

/**
 * What grants wait for: a core, memory of a card, or a place among the light ones, which only wait for others (model
 * calls, meta work). Each lane is first come, first served; lanes do not wait for each other.
 */
export type Lane = 'core' | 'card' | 'light';

interface Candidate {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly freeForTasksBytes: number;
}

type Wish = Pick<Grant, 'prefer' | 'avoid' | 'memoryBytes'>;

export function laneOf(taskClass: TaskClass, hasCards: boolean): Lane {
  if (taskClass === 'cpu') return 'core';
  if (taskClass === 'script') return hasCards ? 'card' : 'core';
  return 'light';
}

/**
 * For memory: the card that the brain chose, then the tightest that fits; those that it failed on come last. For a
 * core: the CPU, and the cards' few places when it is full. Light work runs beside the CPU alone.
 */
export function candidatesFor<T extends Candidate>(lane: Lane, wish: Wish, devices: readonly T[]): readonly T[] {
  const cpus = devices.filter((device) => device.kind === 'cpu');
  const cards = devices.filter((device) => device.kind !== 'cpu');
  if (lane === 'light') return cpus;
  // What charges memory to the CPU of a host without cards is not taken to a card.
  if (lane === 'core') return wish.memoryBytes > 0 ? cpus : [...cpus, ...cards];
  return cards.toSorted(
    (a, b) =>
      Number(wish.avoid.includes(a.id)) - Number(wish.avoid.includes(b.id)) ||
      Number(b.id === wish.prefer) - Number(a.id === wish.prefer) ||
      a.freeForTasksBytes - b.freeForTasksBytes ||
      a.id.localeCompare(b.id),
  );
}
