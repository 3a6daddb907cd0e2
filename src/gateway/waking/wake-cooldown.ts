/** How long what could not be loaded is left alone: longer after each failure, so that no traffic starts it over and over. Pure. */

import { AppError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';

export interface Cooldown {
  readonly failures: number;
  /** Monotonic milliseconds. */
  readonly until: number;
  readonly reason: AppError;
}

const FIRST_MS = 10_000;
const LONGEST_MS = 300_000;
/** They say nothing of what was to be loaded. */
const OTHERS_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'ABORTED',
  'AGENT_UNAVAILABLE',
  'INSTANCE_NOT_FOUND',
  'INSTANCE_STOPPED',
  'MODEL_BUSY',
  'MODEL_NOT_FOUND',
]);

/** Null when the failure gives no reason to wait. */
export function cooldownAfter(before: Cooldown | null, reason: AppError, now: number): Cooldown | null {
  if (OTHERS_FAULTS.has(reason.code)) return null;
  const failures = (before?.failures ?? 0) + 1;
  return { failures, until: now + Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)), reason };
}

/** What a request is told meanwhile; null when it is over. */
export function cooldownError(name: string, { until, reason, failures }: Cooldown, now: number): AppError | null {
  const leftMs = Math.ceil(until - now);
  if (leftMs <= 0) return null;
  const times = failures === 1 ? '' : ` ${failures} times`;
  const message = `"${name}" could not be loaded${times}: ${reason.message}`;
  return new AppError('INSTANCE_UNAVAILABLE', message, {
    hint: `the next try is in ${Math.ceil(leftMs / 1_000)} s${reason.hint === undefined ? '' : `; ${reason.hint}`}`,
    detail: { because: reason.code, failures, retry_after_ms: leftMs },
    cause: reason,
  });
}
