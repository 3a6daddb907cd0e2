/** Where a request stands in the queue, as it is said to whoever waits for it. */

import type { Wait } from '../protocols/call.ts';
import type { Dispatcher } from '../slots/dispatcher.ts';

export function waitOf(id: string, dispatcher: Dispatcher): Wait {
  const { position, startsInMs } = dispatcher.standing(id);
  return { position, etaMs: startsInMs };
}
