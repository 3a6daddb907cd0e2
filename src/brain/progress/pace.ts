/** How fast a batch goes and when it may be done, from what ended lately. Pure. */

export interface PaceSource {
  readonly now: number;
  /** Null before the first task started. */
  readonly startedAt: number | null;
  readonly total: number;
  readonly ended: number;
  /** Within the last `windowMs`. */
  readonly recent: { readonly windowMs: number; readonly ended: number; readonly tokensOut: number };
}

interface Pace {
  /** Null while nothing says when: too little has ended yet, or everything has. */
  readonly etaMs: number | null;
  readonly tokensPerSecond: number;
}

/** Fewer ends than this in the window say less than the whole run does; fewer in all, unless they are a good part, nothing. */
const ENOUGH = 5;
const GOOD_PART = 1 / 4;

export function paceOf({ now, startedAt, total, ended, recent }: PaceSource): Pace {
  const ran = startedAt === null ? 0 : Math.max(1, now - startedAt);
  const windowMs = Math.max(1, Math.min(recent.windowMs, ran));
  const perMs = recent.ended >= ENOUGH ? recent.ended / windowMs : ended / ran;
  const left = total - ended;
  const known = left > 0 && startedAt !== null && ended >= Math.min(ENOUGH, total * GOOD_PART);
  return {
    etaMs: known ? Math.round(left / perMs) : null,
    tokensPerSecond: Math.round((10_000 * recent.tokensOut) / windowMs) / 10,
  };
}
