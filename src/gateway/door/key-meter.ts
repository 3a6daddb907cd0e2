/**
 * What one key has used in the last minute and what runs for it now, against what it may. Pure: time comes in. Tokens
 * are charged by an estimate when a request begins and set right when it ends.
 */

/** Null: no limit. */
export interface KeyLimits {
  /** Requests in any minute. */
  readonly rpm: number | null;
  /** Tokens in any minute, in and out. */
  readonly tpm: number | null;
  /** Requests at the same time. */
  readonly concurrency: number | null;
}

export type Entry =
  | { readonly kind: 'entered' }
  | { readonly kind: 'limited'; readonly by: keyof KeyLimits; readonly retryAfterMs: number };

const WINDOW_SECONDS = 60;
/** A request of the key may end any moment; nobody knows which. */
const BUSY_RETRY_MS = 1_000;

export class KeyMeter {
  readonly #requests = new SlidingMinute();
  readonly #tokens = new SlidingMinute();
  #running = 0;

  /** `now` is milliseconds of a monotonic clock. One request beyond the tokens passes when nothing else was used. */
  enter(now: number, tokens: number, limits: KeyLimits): Entry {
    const second = Math.floor(now / 1_000);
    if (limits.concurrency !== null && this.#running >= limits.concurrency) {
      return { kind: 'limited', by: 'concurrency', retryAfterMs: BUSY_RETRY_MS };
    }
    for (const [by, used, limit] of [
      ['rpm', this.#requests, limits.rpm],
      ['tpm', this.#tokens, limits.tpm],
    ] as const) {
      if (limit !== null && used.sum(second) >= limit) {
        return { kind: 'limited', by, retryAfterMs: used.secondBelow(second, limit) * 1_000 - now };
      }
    }
    this.#running++;
    this.#requests.add(second, 1);
    this.#tokens.add(second, tokens);
    return { kind: 'entered' };
  }

  /** A request that entered at `from` has ended; `difference` is what it used beyond the estimate. */
  leave(from: number, now: number, difference: number): void {
    this.#running--;
    const second = Math.floor(from / 1_000);
    const isRemembered = second > Math.floor(now / 1_000) - WINDOW_SECONDS;
    if (isRemembered) this.#tokens.add(second, difference);
  }
}

/** Sums by the second over the last sixty of them. */
class SlidingMinute {
  readonly #bySecond = new Map<number, number>();

  add(second: number, amount: number): void {
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + amount);
  }

  sum(second: number): number {
    let total = 0;
    for (const [at, amount] of this.#bySecond) {
      if (at <= second - WINDOW_SECONDS) this.#bySecond.delete(at);
      else total += amount;
    }
    return total;
  }

  /** The second in which the sum will be below the limit, if nothing is added. */
  secondBelow(second: number, limit: number): number {
    let left = this.sum(second);
    for (const [at, amount] of [...this.#bySecond].toSorted(([a], [b]) => a - b)) {
      left -= amount;
      if (left < limit) return at + WINDOW_SECONDS;
    }
    return second + WINDOW_SECONDS;
  }
}
