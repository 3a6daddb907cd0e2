/** Gathers the outcomes of one turn into one frame, so that a burst costs the controller one transaction. */

import type { Outcome } from '../contract/index.ts';

export interface Outbox {
  add(outcome: Outcome): void;
}

export function createOutbox(send: (outcomes: Outcome[]) => void): Outbox {
  let gathered: Outcome[] = [];
  return {
    add(outcome) {
      if (gathered.length === 0) {
        setImmediate(() => {
          const outcomes = gathered;
          gathered = [];
          send(outcomes);
        });
      }
      gathered.push(outcome);
    },
  };
}
