/** Those who wait for a change that somebody else makes. Should nobody tell them of one, they look again all the same. */

import type { Clock } from '../../kernel/index.ts';

export interface Onlookers {
  /** Until something has changed, the moment (epoch ms) has come, or a beat is over. */
  untilChange(at: number | null): Promise<void>;
  /** Something has changed. */
  look(): void;
}

const BEAT_MS = 1_000;

export function createOnlookers(clock: Clock): Onlookers {
  const lookers = new Set<() => void>();
  return {
    untilChange: (at) =>
      new Promise((resolve) => {
        const done = (): void => {
          timer[Symbol.dispose]();
          lookers.delete(done);
          resolve();
        };
        const timer = clock.after(Math.max(1, Math.min(BEAT_MS, (at ?? Infinity) - clock.now())), done);
        lookers.add(done);
      }),
    look: () => lookers.forEach((look) => look()),
  };
}
