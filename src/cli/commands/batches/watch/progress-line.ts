/** How far a batch is, in one line. Pure. */

import { formatDuration } from '../../../../contract/durations.ts';
import type { BatchProgressView } from '../../../../contract/progress.ts';
import { progressOf } from '../../../format.ts';

/** `12/252 done, 1 failed, 3 running, about 4m left, 31 tok/s`. */
export function progressLine({ tasks, status, eta_ms: eta, tokens_per_second: tokens }: BatchProgressView): string {
  const parts = [progressOf(tasks)];
  if (status === 'paused') parts.push('paused');
  if (tasks.parked > 0) parts.push(`${tasks.parked} need a person`);
  if (eta !== null && status === 'running') parts.push(`about ${formatDuration(roundly(eta))} left`);
  if (tokens > 0) parts.push(`${tokens} tok/s`);
  return parts.join(', ');
}

/** A guess has no fractions of a second, and above a minute no single seconds. */
export function roundly(ms: number): number {
  const step = ms < 60_000 ? 1_000 : 10_000;
  return Math.max(step, Math.round(ms / step) * step);
}
