/** Work that is asked for often and done seldom. Owns one timer; what the work is, is its caller's business. */

import type { Clock } from '../kernel/clock.ts';

export interface Pulse extends Disposable {
  /** At once when the last beat began long enough ago, else as soon as it has; many asks make one beat. */
  ask(): void;
}

export interface PulseOptions {
  readonly clock: Clock;
  /** Least time between the beginnings of two beats. */
  readonly spacingMs: number;
  /** Never called while an earlier call has not settled; must not reject. */
  readonly beat: () => void | Promise<void>;
}

type PulseState = { readonly kind: 'resting' } | { readonly kind: 'waiting'; readonly timer: Disposable } | Beating;

interface Beating {
  readonly kind: 'beating';
  readonly again: boolean;
}

export function createPulse({ clock, spacingMs, beat }: PulseOptions): Pulse {
  let state: PulseState = { kind: 'resting' };
  let begunAt = -Infinity;

  function ask(): void {
    if (state.kind === 'waiting') return;
    if (state.kind === 'beating') {
      state = { kind: 'beating', again: true };
      return;
    }
    const waitMs = begunAt + spacingMs - clock.monotonic();
    if (waitMs <= 0) void run();
    else state = { kind: 'waiting', timer: clock.after(waitMs, () => void run()) };
  }

  async function run(): Promise<void> {
    state = { kind: 'beating', again: false };
    begunAt = clock.monotonic();
    await beat();
    const again = askedAgain(state);
    state = { kind: 'resting' };
    if (again) ask();
  }

  return {
    ask,
    [Symbol.dispose]() {
      if (state.kind === 'waiting') state.timer[Symbol.dispose]();
    },
  };
}

/** Read through a function: while a beat is awaited, `ask` changes the state behind the compiler's back. */
function askedAgain(state: PulseState): boolean {
  return state.kind === 'beating' && state.again;
}

/** Items that come one by one, handed on together a few times a second; of too many the oldest are dropped. */
export interface Batch<T> extends Disposable {
  add(items: readonly T[]): void;
  /** Hands on what is there, now. */
  flush(): void;
}

export interface BatchOptions<T> {
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
