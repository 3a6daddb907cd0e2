/** How often one request has been tried, and whether it may be tried once more. Pure. */

import type { AttemptOutcome } from './attempt.ts';

type Movable = Extract<AttemptOutcome, { readonly kind: 'movable' }>;

/** Tries that cost an engine nothing: it was not there, or still loading. A second apart, see `suspect`. */
const UNREACHED_TRIES = 20;

export class Tries {
  /** Times that it gave way to interactive work; they count for nothing else. */
  gaveWay = 0;
  #reached = 0;
  #unreached = 0;

  /** Whether a try that failed so may be followed by another one of `attempts` in all. Counts it. */
  mayMove(outcome: Movable, attempts: number): boolean {
    if (outcome.because === 'gave-way') return ++this.gaveWay > 0;
    if (isUnreached(outcome)) return ++this.#unreached < UNREACHED_TRIES;
    return ++this.#reached < attempts;
  }
}

export function isUnreached({ because }: Movable): boolean {
  return because === 'refused' || because === 'loading';
}
