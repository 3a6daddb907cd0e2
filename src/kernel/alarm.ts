/** One moment at which somebody wants to be called. Each alarm has one moment at most. */

import type { Clock } from './clock.ts';

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly timer: Disposable } | null = null;

  /** Rings once for each moment that it was set to. */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Instead of the moment that was set. `at` and `now` are monotonic; null: not at all. */
  set(at: number | null, now: number): void {
    if (at === (this.#set?.at ?? null)) return;
    this.stop();
    if (at === null) return;
    const timer = this.#clock.after(at - now, () => {
      this.#set = null;
      this.#ring();
    });
    this.#set = { at, timer };
  }

  /** After this time, or earlier when that was set before. */
  ringWithin(ms: number): void {
    const now = this.#clock.monotonic();
    const at = now + ms;
    if (this.#set === null || at < this.#set.at) this.set(at, now);
  }

  stop(): void {
    this.#set?.timer[Symbol.dispose]();
    this.#set = null;
  }
}
