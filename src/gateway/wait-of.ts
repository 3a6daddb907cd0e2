/** Where a request stands in the queue, and how long that will take. */

import type { Dispatcher } from './dispatcher.ts';
import type { Wait } from './protocols/call.ts';

const NONE: ReadonlySet<string> = new Set();

/** By what requests of the model took lately, on the slots that it has now. */
export function waitOf(id: string, model: string, dispatcher: Dispatcher): Wait {
  const position = dispatcher.position(id);
  const serviceMs = dispatcher.serviceMs(model);
  const { slots } = dispatcher.capacity(model, NONE);
  return { position, etaMs: serviceMs === null ? null : Math.ceil((position * serviceMs) / Math.max(1, slots)) };
}
