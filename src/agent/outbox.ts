/**
 * Tells outcomes: those of one turn in one frame, so that a burst costs the controller one transaction, and all that
 * are still unacknowledged when a link comes up. Keeps nothing; the spool does.
 */

import type { Outcome } from '../contract/index.ts';

export interface Outbox {
  add(outcome: Outcome): void;
  /** A link is up: these are all that the controller has not got. */
  tellAll(outcomes: readonly Outcome[]): void;
}

/** `send` may drop what it gets while there is no link. */
export function createOutbox(send: (outcomes: Outcome[]) => void): Outbox {
  let gathered: Outcome[] = [];
  const flush = (): void => {
    const outcomes = gathered;
    gathered = [];
    if (outcomes.length > 0) send(outcomes);
  };
  return {
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
