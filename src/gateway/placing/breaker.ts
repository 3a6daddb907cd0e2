/**
 * Whether an instance answers what it is given, judged by what came of its latest calls. Pure; what follows from it is
 * placement's to say.
 *
 *            five failures in a row            30 s
 *   closed ──────────────────────────▶ open ─────────▶ half-open ── two successes ──▶ closed
 *      ▲                                ▲                 │
 *      └── any success: counts anew     └──── a failure ──┘
 */

import { assertNever } from '../../kernel/index.ts';

export type Breaker =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'half-open'; readonly successes: number };

/** What came of a call: `failed` is the engine's fault, never the request's or the client's. */
export type CallVerdict = 'succeeded' | 'failed';

export const CLOSED: Breaker = { kind: 'closed', failures: 0 };

const FAILURES_TO_OPEN = 5;
const OPEN_MS = 30_000;
const SUCCESSES_TO_CLOSE = 2;

/** As it is at this moment: what has been open for long enough may be tried. */
export function breakerAt(breaker: Breaker, now: number): Breaker {
  return breaker.kind === 'open' && now >= breaker.until ? { kind: 'half-open', successes: 0 } : breaker;
}

export function afterCall(before: Breaker, verdict: CallVerdict, now: number): Breaker {
  const breaker = breakerAt(before, now);
  switch (breaker.kind) {
    case 'closed':
      return verdict === 'succeeded' ? CLOSED : countFailure(breaker.failures + 1, now);
    case 'half-open':
      return verdict === 'succeeded' ? countSuccess(breaker.successes + 1) : opened(now);
    case 'open':
      return breaker; // a call from before says nothing new
    default:
      return assertNever(breaker);
  }
}

function countFailure(failures: number, now: number): Breaker {
  return failures >= FAILURES_TO_OPEN ? opened(now) : { kind: 'closed', failures };
}

function countSuccess(successes: number): Breaker {
  return successes >= SUCCESSES_TO_CLOSE ? CLOSED : { kind: 'half-open', successes };
}

function opened(now: number): Breaker {
  return { kind: 'open', until: now + OPEN_MS };
}
