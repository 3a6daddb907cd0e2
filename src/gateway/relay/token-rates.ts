/**
 * Tokens per second of each instance over the last ten seconds. A stream counts as its frames come, and is set right by
 * the usage at its end; a whole answer is spread over the time that it took.
 */

const WINDOW_S = 10;
/** One more than the window, whose oldest second is only partly in it. */
const BUCKETS = WINDOW_S + 1;

/** Tokens by second; a bucket of another round is stale. */
interface Buckets {
  readonly tokens: Float64Array;
  readonly seconds: Float64Array;
}

/** Times are monotonic milliseconds. */
export class TokenRates {
  readonly #instances = new Map<string, Buckets>();

  /** `tokens` came just now; less than nothing takes back what was counted too many. */
  add(instance: string, tokens: number, now: number): void {
    this.#put(instance, tokens, Math.floor(now / 1_000));
  }

  addOver(instance: string, tokens: number, span: { readonly from: number; readonly to: number }): void {
    const { from, to } = span;
    const last = Math.floor(to / 1_000);
    const perMs = tokens / Math.max(1, to - from);
    for (let second = Math.max(Math.floor(from / 1_000), last - WINDOW_S); second <= last; second++) {
      const ms = Math.min(to, (second + 1) * 1_000) - Math.max(from, second * 1_000);
      this.#put(instance, perMs * ms, second);
    }
  }

  perSecond(instance: string, now: number): number {
    const buckets = this.#instances.get(instance);
    if (buckets === undefined) return 0;
    const current = Math.floor(now / 1_000);
    const partOfOldest = 1 - (now / 1_000 - current);
    let sum = 0;
    for (let age = 0; age <= WINDOW_S; age++) {
      const tokens = tokensAt(buckets, current - age);
      sum += age === WINDOW_S ? tokens * partOfOldest : tokens;
    }
    return Math.round((Math.max(0, sum) / WINDOW_S) * 10) / 10;
  }

  forget(instance: string): void {
    this.#instances.delete(instance);
  }

  #put(instance: string, tokens: number, second: number): void {
    const buckets = this.#instances.get(instance) ?? emptyBuckets();
    this.#instances.set(instance, buckets);
    const place = second % BUCKETS;
    if (buckets.seconds[place] !== second) buckets.tokens[place] = 0;
    buckets.seconds[place] = second;
    buckets.tokens[place] = (buckets.tokens[place] ?? 0) + tokens;
  }
}

function emptyBuckets(): Buckets {
  return { tokens: new Float64Array(BUCKETS), seconds: new Float64Array(BUCKETS).fill(-1) };
}

function tokensAt({ tokens, seconds }: Buckets, second: number): number {
  const place = ((second % BUCKETS) + BUCKETS) % BUCKETS;
  return seconds[place] === second ? (tokens[place] ?? 0) : 0;
}
