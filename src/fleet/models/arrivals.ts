/** Models whose files come from another Drover just now: those that somebody has sent something of within ten minutes. */

import type { Clock } from '../../kernel/index.ts';

export interface Arrivals {
  note(id: string): void;
  has(id: string): boolean;
}

const QUIET_MS = 600_000;

export function createArrivals(clock: Pick<Clock, 'monotonic'>): Arrivals {
  const lastAt = new Map<string, number>();
  return {
    note: (id) => void lastAt.set(id, clock.monotonic()),
    has(id) {
      const at = lastAt.get(id);
      return at !== undefined && clock.monotonic() - at < QUIET_MS;
    },
  };
}
