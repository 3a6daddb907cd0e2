/** Work that is asked for often and done seldom. Owns one timer; what the work is, is its caller's business. */

import type { Clock } from '../kernel/clock.ts';

interface Pulse extends Disposable {
  /** At once when the last beat began long enough ago, else as soon as it has; many asks make one beat. */
  ask(): void;
}

interface PulseOptions {
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
