/** Which cards are there: one that three looks in a row did not show is lost, until a look shows it again. Pure. */

import { withoutMeasurements } from '../device.ts';
import type { DeviceReading } from '../device.ts';

export interface SeenDevice {
  readonly reading: DeviceReading;
  /** Looks since the last one that showed it. */
  readonly misses: number;
}

const LOST_AFTER_MISSES = 3;

/** `answer`: what the look showed; null when the tool failed, which says the same of every card. */
export function notePresence(
  before: readonly SeenDevice[],
  answer: readonly DeviceReading[] | null,
): readonly SeenDevice[] {
  const found = (answer ?? []).map((reading) => ({ reading, misses: 0 }));
  const missing = before.filter(({ reading }) => !found.some((seen) => seen.reading.id === reading.id));
  const missed = missing.map(({ reading, misses }) => ({ reading: withoutMeasurements(reading), misses: misses + 1 }));
  return [...found, ...missed].toSorted((a, b) => a.reading.index - b.reading.index);
}

export function isLost({ misses }: SeenDevice): boolean {
  return misses >= LOST_AFTER_MISSES;
}

/** It was not shown, and may yet be: worth another look soon. */
export function isUnsure(seen: SeenDevice): boolean {
  return seen.misses > 0 && !isLost(seen);
}
