/** Who asks, and with what wishes, from the headers of a request. Pure but for the hash. */

import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { AppError } from '../../contract/errors.ts';
import { newRequestId } from '../../kernel/index.ts';
import { isSlotToken } from '../slots/held-slots.ts';
import type { RequestClass } from '../types.ts';
import { presentedKey } from './presented-key.ts';

export interface Caller {
  /** As he calls it, or a new one. */
  readonly requestId: string;
  /** Fair shares are counted by it. Never the secret itself. */
  readonly key: string;
  readonly class: RequestClass;
  readonly slotToken: string | null;
  /** The span that the request belongs to, in the words of W3C; null for none. */
  readonly traceparent: string | null;
}

const ANONYMOUS = 'anonymous';
const REQUEST_ID = /^[\w.:-]{1,128}$/;
const TRACE_PARENT = /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** `owner`: whom the door knows by his key; null: the key is nobody's, and only tells callers apart. */
export function callerOf(headers: IncomingHttpHeaders, owner: string | null): Caller {
  const presented = presentedKey(headers);
  const slotToken = presented !== null && isSlotToken(presented) ? presented : null;
  const batch = slotToken !== null || headers['x-drover-priority'] === 'batch';
  return {
    requestId: requestIdOf(headers['x-request-id']),
    key: owner ?? (presented === null ? ANONYMOUS : `key-${digestOf(presented)}`),
    class: batch ? 'batch' : 'interactive',
    slotToken,
    traceparent: traceparentOf(headers['traceparent']),
  };
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newRequestId();
}

function traceparentOf(given: string | string[] | undefined): string | null {
  return typeof given === 'string' && TRACE_PARENT.test(given) ? given : null;
}

/** Milliseconds that the caller gives the request; null when he does not say. Throws INVALID_REQUEST. */
export function deadlineOf({ 'x-deadline-ms': given }: IncomingHttpHeaders): number | null {
  if (given === undefined) return null;
  const ms = Number(given);
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw new AppError('INVALID_REQUEST', 'the header "x-deadline-ms" must be a number of milliseconds above 0');
}
