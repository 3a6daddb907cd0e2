/**
 * Asks one source of devices at its pace and keeps the last answer. A source that fails or hangs delays no other, and
 * is complained of once, not at every look.
 */

import type { Clock, Log } from '../../kernel/index.ts';
import type { Pace } from '../device.ts';
import { RARELY_MS } from '../rarely.ts';

export interface Source<A, T> {
  /** For the log. */
  readonly name: string;
  readonly pace: Pace;
  read(signal: AbortSignal): Promise<readonly A[]>;
  /** What is known after a look, given what was known before; null: the source failed. */
  readonly note: (before: readonly T[], answer: readonly A[] | null) => readonly T[];
  /** True for what another look may soon tell more of. */
  readonly isUnsure: (item: T) => boolean;
}

interface Lookout<T> {
  latest(): readonly T[];
  /** Asks now, or joins the look that is under way. Never rejects. */
  look(): Promise<void>;
  /** Null when a look is under way, or it is not time yet, given whether work is on the cards. */
  lookWhenDue(busy: boolean): Promise<void> | null;
}

export interface LookoutDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

type Outcome = 'found' | 'none' | 'failed' | 'unsure';

const IDLE_MS = 20_000;
const FAILED_MS = 60_000;

/** How long after a look the next is due. Pure. */
export function waitAfter(pace: Pace, outcome: Outcome, busy: boolean): number {
  if (pace === 'cheap' || outcome === 'unsure') return 0;
  if (outcome === 'failed') return FAILED_MS;
  if (pace === 'rare' || outcome === 'none') return RARELY_MS;
  return busy ? 0 : IDLE_MS;
}

export function createLookout<A, T>(source: Source<A, T>, { clock, log, signal }: LookoutDeps): Lookout<T> {
  let latest: readonly T[] = [];
  let last: { readonly at: number; readonly outcome: Outcome } | null = null;
  let complaint: string | null = null;
  let looking: Promise<void> | null = null;

  const complain = (error: unknown): void => {
    const said = error instanceof Error ? error.message : String(error);
    if (said !== complaint) log.warn({ source: source.name, error: said }, 'device probe failed');
    complaint = said;
  };

  const readOnce = async (): Promise<Outcome> => {
    try {
      latest = source.note(latest, await source.read(signal));
      if (complaint !== null) log.info({ source: source.name }, 'device probe answers again');
      complaint = null;
      log.debug({ source: source.name, devices: latest.length }, 'device probe answered');
      return latest.some(source.isUnsure) ? 'unsure' : latest.length > 0 ? 'found' : 'none';
    } catch (error) {
      if (signal.aborted) return 'failed';
      complain(error);
      latest = source.note(latest, null);
      return latest.some(source.isUnsure) ? 'unsure' : 'failed';
    }
  };

  const look = (): Promise<void> =>
    (looking ??= readOnce()
      .then((outcome) => void (last = { at: clock.monotonic(), outcome }))
      .finally(() => (looking = null)));

  return {
    latest: () => latest,
    look,
    lookWhenDue(busy) {
      if (looking !== null) return null;
      const due = last === null || clock.monotonic() - last.at >= waitAfter(source.pace, last.outcome, busy);
      return due ? look() : null;
    },
  };
}
