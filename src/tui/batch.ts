/** Items that come one by one, handed on together a few times a second; of too many the oldest are dropped. */

import type { Clock } from '../kernel/clock.ts';
import { createPulse } from './pulse.ts';

interface Batch<T> extends Disposable {
  add(items: readonly T[]): void;
  /** Hands on what is there, now. */
  flush(): void;
}

interface BatchOptions<T> {
  readonly clock: Clock;
  readonly spacingMs: number;
  readonly limit: number;
  readonly deliver: (items: readonly T[]) => void;
}

export function createBatch<T>({ clock, spacingMs, limit, deliver }: BatchOptions<T>): Batch<T> {
  let items: T[] = [];
  const flush = (): void => {
    if (items.length === 0) return;
    const delivered = items;
    items = [];
    deliver(delivered);
  };
  const pulse = createPulse({ clock, spacingMs, beat: flush });
  return {
    add(more) {
      items.push(...more);
      if (items.length > limit) items = items.slice(-limit);
      pulse.ask();
    },
    flush,
    [Symbol.dispose]: () => pulse[Symbol.dispose](),
  };
}
