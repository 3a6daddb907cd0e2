/**
 * Tells starts and outcomes: the outcomes of one turn in one frame, so that a burst costs the controller one transaction,
 * with the starts that were a moment before; and all outcomes that are still unacknowledged when a link comes up. Keeps
 * nothing; the spool does.
 */

import type { AttemptStart, Outcome } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';

export interface Outbox {
  /** May wait a moment for an outcome. */
  start(start: AttemptStart): void;
  add(outcome: Outcome): void;
  /** A link is up: these are all that the controller has not got. */
  tellAll(outcomes: readonly Outcome[]): void;
}

/** Both may drop what they get while there is no link. */
interface OutboxDeps {
  readonly tellStart: (start: AttemptStart) => void;
  readonly tellEnds: (outcomes: Outcome[], starts: AttemptStart[]) => void;
  readonly clock: Clock;
}

/** Attempts that end sooner are told of once. */
export const START_DELAY_MS = 10;

export function createOutbox({ tellStart, tellEnds, clock }: OutboxDeps): Outbox {
  let gathered: Outcome[] = [];
  let starts: AttemptStart[] = [];
  let waiting = false;
  const takeStarts = (): AttemptStart[] => {
    const taken = starts;
    starts = [];
    return taken;
  };
  const flush = (): void => {
    const outcomes = gathered;
    gathered = [];
    if (outcomes.length > 0) tellEnds(outcomes, takeStarts());
  };
  const flushStarts = (): void => {
    waiting = false;
    for (const start of takeStarts()) tellStart(start);
  };
  return {
    start(start) {
      starts.push(start);
      if (waiting) return;
      waiting = true;
      clock.after(START_DELAY_MS, flushStarts);
    },
    add(outcome) {
      if (gathered.length === 0) setImmediate(flush);
      gathered.push(outcome);
    },
    tellAll(outcomes) {
      gathered = [...outcomes];
      flush();
    },
  };
}
