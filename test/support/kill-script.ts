/** Who is killed when: a list of kills from a seed, the same for the same seed. Pure. */

import { seededRandom } from './seeded-random.ts';

export const VICTIMS = ['controller', 'agent', 'worker', 'everything'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Kill {
  readonly victim: Victim;
  /** Of those there are, which one; from 0 to 1. */
  readonly choice: number;
  /** Before it. */
  readonly pauseMs: number;
}

const LONGEST_PAUSE_MS = 1_500;

export function killScript({ seed, kills }: { readonly seed: number; readonly kills: number }): Kill[] {
  const random = seededRandom(seed);
  return Array.from({ length: kills }, () => ({
    victim: VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'controller',
    choice: random(),
    pauseMs: Math.floor(random() * LONGEST_PAUSE_MS),
  }));
}
