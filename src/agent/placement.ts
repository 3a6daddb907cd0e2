/** Which devices may run an attempt, in the order in which they are asked, and what it draws from them. Pure. */

import type { TaskClass } from '../contract/index.ts';
import type { DeviceKind } from '../devices/index.ts';

/**
 * What grants wait for: a core, memory of a card, or a place among the light ones, which only wait for others (model
 * calls, meta work). Each lane is first come, first served; lanes do not wait for each other.
 */
export type Lane = 'core' | 'card' | 'light';

export interface Candidate {
  readonly id: string;
  readonly kind: DeviceKind;
  readonly freeForTasksBytes: number;
}

export function laneOf(taskClass: TaskClass, hasCards: boolean): Lane {
  if (taskClass === 'cpu') return 'core';
  if (taskClass === 'script') return hasCards ? 'card' : 'core';
  return 'light';
}

/** Cards with most room first; everything but `card` runs beside the CPU. */
export function candidatesFor<T extends Candidate>(lane: Lane, devices: readonly T[]): readonly T[] {
  if (lane !== 'card') return devices.filter((device) => device.kind === 'cpu');
  return devices
    .filter((device) => device.kind !== 'cpu')
    .toSorted((a, b) => b.freeForTasksBytes - a.freeForTasksBytes || a.id.localeCompare(b.id));
}
