/** Ids of answers that a telling makes up, in the form of their protocols. */

import { randomBytes } from 'node:crypto';

/** `msg_0f…`, `resp_…`. */
export function newAnswerId(prefix: string): string {
  return `${prefix}_${randomBytes(12).toString('hex')}`;
}
