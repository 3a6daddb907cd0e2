/** How far a batch is, in one line. Pure. */

import { formatDuration } from '../../../../contract/durations.ts';
import type { BatchProgressView } from '../../../../contract/progress.ts';
import { progressOf } from '../../../format.ts';

/** `12/252 done, 1 failed, 3 running, about 4m left, 31 tok/s`; what counts least is left out where that is too long. */
export function progressLine(progress: BatchProgressView, room = Number.POSITIVE_INFINITY): string {
  const [line = '', shorter = line] = linesOf(progress);
  return line.length <= room ? line : shorter;
}

/** The whole line, then the one of what a person waits for. */
function linesOf({ tasks, status, eta_ms: eta, tokens_per_second: tokens }: BatchProgressView): string[] {
  const needs = [];
  if (status === 'paused') needs.push('paused');
  if (tasks.parked > 0) needs.push(`${tasks.parked} need a person`);
  if (eta !== null && status === 'running') needs.push(`about ${formatDuration(roundly(eta))} left`);
  const rate = tokens > 0 ? [`${tokens} tok/s`] : [];
  const few = progressOf({ ...tasks, aborted: 0, skipped: 0, cancelled: 0 });
  return [[progressOf(tasks), ...needs, ...rate].join(', '), [few, ...needs].join(', ')];
}

/** A guess has no fractions of a second, and above a minute no single seconds. */
export function roundly(ms: number): number {
  const step = ms < 60_000 ? 1_000 : 10_000;
  return Math.max(step, Math.round(ms / step) * step);
}
