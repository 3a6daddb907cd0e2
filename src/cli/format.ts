/** Values for people: sizes, durations, counts, and a dash where there is nothing. Pure. */

import { formatDuration } from '../contract/durations.ts';
import type { TaskCounts } from '../contract/tasks.ts';
import type { Colour } from './output.ts';

export function orDash(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : String(value);
}

export function duration(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '-' : formatDuration(ms);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '-';
  const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}

/** Done of all; of a goal-driven batch, accepted of wanted. */
export function doneOf({ succeeded, total, goal }: TaskCounts): string {
  return goal ? `${goal.accepted}/${goal.target}` : `${succeeded}/${total}`;
}

/** `7/12 done, 1 failed, 2 running`; with a goal, `12/20 accepted of 64 tried, 49 rejected, 3 running`. */
export function progressOf(counts: TaskCounts): string {
  const { goal } = counts;
  const parts = goal
    ? [`${doneOf(counts)} accepted of ${goal.tried} tried`, `${goal.rejected} rejected`]
    : [`${doneOf(counts)} done`];
  for (const state of ['failed', 'aborted', 'skipped', 'cancelled', 'running'] as const) {
    if (counts[state] > 0) parts.push(`${counts[state]} ${state}`);
  }
  return parts.join(', ');
}

/** What a state or a health looks like; the word always stands beside the colour. */
export function colourOf(word: string): Colour {
  if (['ready', 'healthy', 'succeeded', 'running'].includes(word)) return 'green';
  if (['failed', 'unhealthy', 'error', 'aborted'].includes(word)) return 'red';
  if (['stopped', 'unknown', 'cancelled', 'skipped', 'waiting'].includes(word)) return 'grey';
  return 'yellow';
}
