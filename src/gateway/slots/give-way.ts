/** One try of a request: of batch work it goes when its slot is wanted for interactive work. */

import { AppError } from '../../contract/errors.ts';

/** A request that was asked to go so often runs to its end, so that it ends at all. */
const MOST_TIMES = 3;

interface WillingTry {
  /** Ends the try: its request has ended, or it was asked to go. */
  readonly signal: AbortSignal;
  /** False when it must not go any more. */
  giveWay(): boolean;
  /** It was asked, and its request goes on. */
  hasGone(): boolean;
}

/** `stop` ends the request itself. `isUnread`: nobody has seen anything of the answer. */
export function willingTry(stop: AbortSignal, isUnread: () => boolean, timesGone: number): WillingTry {
  const asked = new AbortController();
  return {
    signal: AbortSignal.any([stop, asked.signal]),
    giveWay() {
      if (!isUnread() || timesGone >= MOST_TIMES) return false;
      asked.abort(new AppError('ABORTED', 'interactive work needs the slot'));
      return true;
    },
    hasGone: () => asked.signal.aborted && !stop.aborted,
  };
}

/** A try of interactive work, which is never asked to go. */
export function staying(stop: AbortSignal): WillingTry {
  return { signal: stop, giveWay: () => false, hasGone: () => false };
}
