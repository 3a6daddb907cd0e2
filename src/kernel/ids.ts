/** Ids that people read: batch ids by UTC time, request ids by randomness. */

import type { Clock } from './clock.ts';
import { randomToken } from './random.ts';

/** `YYYYMMDD_HHMMSS_xxxxxx`, UTC. Uniqueness is the store's constraint; draw again on conflict. */
export function newBatchId(clock: Clock): string {
  const iso = new Date(clock.now()).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')}_${iso.slice(11, 19).replaceAll(':', '')}_${randomToken(6)}`;
}

export function newRequestId(): string {
  return `req_${randomToken(20)}`;
}
