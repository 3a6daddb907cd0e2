/**
 * Fair shares between keys, counted in tokens: the key that has used least goes next. A key that was idle starts at the
 * share last served, so that rest earns no credit and a newcomer is not put behind old heavy use.
 */

import type { Usage } from '../types.ts';

/** Output costs more of an engine's time than input. */
const OUTPUT_WEIGHT = 2;
/** Keys remembered before those without a debt are forgotten. */
const REMEMBERED_KEYS = 1_000;

export function tokenCost(tokensIn: number, tokensOut: number): number {
  return tokensIn + OUTPUT_WEIGHT * tokensOut;
}

interface Share {
  used: number;
  /** Requests of the key that wait. While there are any, only `serve` and `settle` change what it used. */
  waiting: number;
}

export class FairShares {
  readonly #shares = new Map<string, Share>();
  #floor = 0;

  /** What orders the keys: the smaller number goes first. */
  used(key: string): number {
    return this.#shares.get(key)?.used ?? this.#floor;
  }

  /** A request of the key begins to wait. */
  arrive(key: string): void {
    if (this.#shares.size >= REMEMBERED_KEYS) this.#forgetDebtless();
    const share = this.#shares.get(key) ?? { used: this.#floor, waiting: 0 };
    if (share.waiting === 0) share.used = Math.max(share.used, this.#floor);
    share.waiting++;
    this.#shares.set(key, share);
  }

  /** A request of the key waits no more, served or not. */
  leave(key: string): void {
    const share = this.#shares.get(key);
    if (share !== undefined) share.waiting--;
  }

  /** A waiting request of the key is served. */
  serve(key: string, cost: number): void {
    const share = this.#shares.get(key);
    if (share === undefined) return;
    this.#floor = Math.max(this.#floor, share.used);
    share.used += cost;
  }

  /** Corrects an estimate that was charged; `difference` is negative when less was used. */
  settle(key: string, difference: number): void {
    const share = this.#shares.get(key);
    if (share !== undefined) share.used += difference;
  }

  #forgetDebtless(): void {
    for (const [key, share] of this.#shares) {
      if (share.waiting === 0 && share.used <= this.#floor) this.#shares.delete(key);
    }
  }
}

const BYTES_PER_TOKEN = 4;
/** Assumed output of a request that sets no limit, and the most that is assumed of any. */
const USUAL_OUTPUT = 256;
const MOST_OUTPUT = 2_048;

/** What a request will use, before anybody knows. */
export function estimateUsage(bodyBytes: number, maxTokens: number | null): Usage {
  const tokensOut = maxTokens === null || maxTokens < 0 ? USUAL_OUTPUT : Math.min(maxTokens, MOST_OUTPUT);
  return { tokensIn: Math.ceil(bodyBytes / BYTES_PER_TOKEN), tokensOut };
}

/** What it will cost. */
export function estimateCost(bodyBytes: number, maxTokens: number | null): number {
  const { tokensIn, tokensOut } = estimateUsage(bodyBytes, maxTokens);
  return tokenCost(tokensIn, tokensOut) + 1;
}
