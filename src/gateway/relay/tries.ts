/** How often and where one request has been tried, and whether and where it may be tried once more. */

import { awayFrom } from '../placing/placement-hints.ts';
import type { PlacementHints } from '../placing/placement-hints.ts';
import type { AttemptOutcome } from './attempt.ts';

type Movable = Extract<AttemptOutcome, { readonly kind: 'movable' }>;

/** An engine answered with a fault of its own. */
export type Erred = Extract<Movable, { readonly because: 'erred' }>;

/** Tries that cost an engine nothing: it was not there, or still loading. A second apart, see `suspect`. */
const UNREACHED_TRIES = 20;

export class Tries {
  /** Times that it gave way to interactive work; they count for nothing else. */
  gaveWay = 0;
  /** Where it failed: taken again only when there is nothing else. */
  readonly avoid = new Set<string>();
  /** Where it wants to run, and where it must not any more. */
  hints: PlacementHints;
  /** The first answer that was an engine's own fault; null: there was none. */
  erred: Erred | null = null;
  #reached = 0;
  #unreached = 0;

  constructor(hints: PlacementHints) {
    this.hints = hints;
  }

  /**
   * Whether a try that failed so on the instance may be followed by another one of `attempts` in all. Counts it. After
   * a fault of an engine's own it is one more, and elsewhere: what two engines fail on is the request.
   */
  mayMove(
    outcome: Movable,
    instance: string,
    attempts: number,
    isSound: (elsewhere: PlacementHints) => boolean,
  ): boolean {
    if (outcome.because === 'gave-way') return ++this.gaveWay > 0;
    this.avoid.add(instance);
    if (isUnreached(outcome)) return ++this.#unreached < UNREACHED_TRIES;
    if (outcome.because !== 'erred') return ++this.#reached < attempts;
    if (this.erred !== null || ++this.#reached >= attempts) return false;
    this.erred = outcome;
    this.hints = awayFrom(instance, this.hints);
    return isSound(this.hints);
  }
}

export function isUnreached({ because }: Movable): boolean {
  return because === 'refused' || because === 'loading';
}
