/** One moment at which somebody wants to be called; a new one replaces the last. */

import type { Clock } from '../../kernel/index.ts';

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly timer: Disposable } | null = null;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** `at` and `now` are monotonic; null: not at all. */
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

  stop(): void {
    this.#set?.timer[Symbol.dispose]();
    this.#set = null;
  }
}
