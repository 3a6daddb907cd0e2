/** What happens to whom in a soak: a list of events from a seed, the same for the same seed. Pure. */

import { seededRandom } from '../seeded-random.ts';

export const DEEDS = [
  'up',
  'down',
  'restart',
  'crash',
  'segfault',
  'hang',
  'kill-agent',
  'kill-controller',
  'kill-both',
] as const;
export type Deed = (typeof DEEDS)[number];

export interface SoakEvent {
  readonly deed: Deed;
  /** Index of the instance; without meaning for the deeds on daemons. */
  readonly instance: number;
  /** Milliseconds until the next event. */
  readonly pauseMs: number;
}

/** How often each deed comes up among a hundred. */
const WEIGHTS: Readonly<Record<Deed, number>> = {
  up: 30,
  down: 16,
  restart: 10,
  crash: 20,
  segfault: 8,
  hang: 7,
  'kill-agent': 4,
  'kill-controller': 3,
  'kill-both': 2,
};

const LONGEST_PAUSE_MS = 300;

export interface SoakSize {
  readonly seed: number;
  readonly instances: number;
  readonly events: number;
}

export function soakScript({ seed, instances, events }: SoakSize): SoakEvent[] {
  const random = seededRandom(seed);
  return Array.from({ length: events }, () => ({
    deed: pickDeed(random()),
    instance: Math.floor(random() * instances),
    pauseMs: Math.floor(random() * LONGEST_PAUSE_MS),
  }));
}

/** The first deed whose share of the hundred reaches the number. */
function pickDeed(roll: number): Deed {
  let left = roll * Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  return DEEDS.find((deed) => (left -= WEIGHTS[deed]) < 0) ?? 'up';
}
