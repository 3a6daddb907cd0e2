/** Keeps the answer to a question whose answer hardly ever changes, and asks it again after a while. */

import type { Clock } from '../kernel/index.ts';

export const RARELY_MS = 10 * 60_000;

/** A question that fails is asked again the next time. */
export function createRarely<T>(
  clock: Clock,
  ask: (signal: AbortSignal) => Promise<T>,
): (signal: AbortSignal) => Promise<T> {
  let kept: { readonly answer: T; readonly at: number } | null = null;
  return async (signal) => {
    if (kept === null || clock.monotonic() - kept.at >= RARELY_MS) {
      kept = { answer: await ask(signal), at: clock.monotonic() };
    }
    return kept.answer;
  };
}
