/** Which slot takes a generation and which tokens go into the next batch. Pure. */

/** What a slot offers: the tokens it remembers, and when it was last used (a rising number). */
interface FreeSlot {
  readonly id: number;
  readonly cached: readonly number[];
  readonly lastUsed: number;
}

export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at++;
  return at;
}

/** A shared beginning shorter than this part of the prompt is not worth losing another's. */
const WORTHWHILE_SHARE = 0.1;

/** The slot that remembers most of the prompt, else the one unused for longest; null when none is free. */
export function chooseSlot<Slot extends FreeSlot>(free: readonly Slot[], prompt: readonly number[]): Slot | null {
  let best: { readonly slot: Slot; readonly shared: number } | null = null;
  for (const slot of free) {
    const prefix = commonPrefix(slot.cached, prompt);
    const shared = prefix >= prompt.length * WORTHWHILE_SHARE ? prefix : 0;
    const better =
      best === null || shared > best.shared || (shared === best.shared && slot.lastUsed < best.slot.lastUsed);
    if (better) best = { slot, shared };
  }
  return best?.slot ?? null;
}

/** How many tokens of each claim go into the next batch; the order is kept. */
interface Claim {
  /** Tokens that wait to be decoded: one while generating, many while reading a prompt. */
  readonly pending: number;
  readonly reading: boolean;
}

/**
 * Every generating slot gets its token. Prompts share what is left within `promptBudget`: each an equal part, and what
 * a short one does not need goes to the others, so that none waits for another's end.
 */
export function shareBatch(claims: readonly Claim[], batchSize: number, promptBudget: number): readonly number[] {
  const shares = claims.map((claim) => (claim.reading ? 0 : claim.pending));
  const generating = shares.filter((share) => share > 0).length;
  const reading = claims.flatMap((claim, at) => (claim.reading ? [{ at, pending: claim.pending }] : []));
  let left = Math.max(1, Math.min(promptBudget, batchSize - generating));
  reading
    .toSorted((a, b) => a.pending - b.pending || a.at - b.at)
    .forEach(({ at, pending }, done) => {
      const share = Math.min(pending, Math.ceil(left / (reading.length - done)));
      shares[at] = share;
      left -= share;
    });
  return shares;
}

/** A batch should take about this long: a cancellation, and everyone else's next token, wait for it. */
const TARGET_BATCH_MS = 250;
const SMALLEST_BUDGET = 32;

/** How many prompt tokens a batch may hold, from how long the last one took. */
export function nextPromptBudget(budget: number, tokens: number, elapsedMs: number, batchSize: number): number {
  if (tokens < Math.min(budget, SMALLEST_BUDGET)) return budget;
  const perToken = Math.max(elapsedMs, 0.01) / tokens;
  const wanted = Math.floor(TARGET_BATCH_MS / perToken);
  const grown = Math.min(wanted, budget * 2);
  return Math.max(SMALLEST_BUDGET, Math.min(batchSize, grown));
}
