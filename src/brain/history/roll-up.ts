/** What the runs of one plan came to together: medians, rates, and whether it becomes faster or slower. Pure. */

import type { FailureClass, PlanHistoryView, PlanRunView } from '../../contract/index.ts';
import type { RunSummary } from '../../contract/index.ts';
import { groupBy } from '../../kernel/index.ts';

interface KeptRun {
  readonly summary: RunSummary;
  readonly trimmed: boolean;
}

/** Runs that a half must have before one half is held against the other. */
const LEAST_HALF = 2;

/** `runs` stand newest first. */
export function rollUp(plan: string, runs: readonly KeptRun[]): PlanHistoryView {
  const summaries = runs.map(({ summary }) => summary);
  const succeeded = summaries.filter(({ status }) => status === 'succeeded');
  const durations = succeeded.map((summary) => summary.duration_ms);
  return {
    plan,
    runs: runs.map(runView),
    roll_up: {
      runs: runs.length,
      succeeded: succeeded.length,
      success_rate: runs.length === 0 ? null : succeeded.length / runs.length,
      median_duration_ms: median(durations),
      trend_percent: trendOf(durations),
      tokens: {
        in: sum(summaries.map(({ tokens }) => tokens.in)),
        out: sum(summaries.map(({ tokens }) => tokens.out)),
      },
      retries: sum(summaries.map(({ retries }) => retries.counted)),
      failures: failuresOf(summaries),
      steps: stepsOf(summaries),
    },
  };
}

function runView({ summary, trimmed }: KeptRun): PlanRunView {
  const { batch_id: id, status, created_at: created, ended_at: ended, duration_ms: ms, tasks } = summary;
  const { success_rate: rate, path } = summary;
  return {
    batch_id: id,
    status,
    created_at: created,
    ended_at: ended,
    duration_ms: ms,
    tasks,
    success_rate: rate,
    path,
    trimmed,
  };
}

function failuresOf(summaries: readonly RunSummary[]): PlanHistoryView['roll_up']['failures'] {
  const counts = new Map<FailureClass | null, number>();
  for (const { class: failureClass } of summaries.flatMap(({ failures }) => failures)) {
    counts.set(failureClass, (counts.get(failureClass) ?? 0) + 1);
  }
  return [...counts].map(([name, tasks]) => ({ class: name, tasks })).toSorted((a, b) => b.tasks - a.tasks);
}

function stepsOf(summaries: readonly RunSummary[]): PlanHistoryView['roll_up']['steps'] {
  const steps = groupBy(
    summaries.flatMap(({ by_step: shares }) => shares),
    ({ name }) => name,
  );
  return [...steps]
    .map(([step, shares]) => {
      const medians = shares.map((share) => share.median_run_ms);
      return {
        step,
        runs: shares.length,
        median_run_ms: median(medians) ?? 0,
        longest_run_ms: Math.max(...shares.map((share) => share.longest_run_ms)),
        failed_attempts: sum(shares.map((share) => share.failed_attempts)),
        trend_percent: trendOf(medians),
      };
    })
    .toSorted((a, b) => b.median_run_ms - a.median_run_ms);
}

/** By how much the newer half takes longer than the older one; null while there are too few to say. */
function trendOf(newestFirst: readonly number[]): number | null {
  const half = Math.floor(newestFirst.length / 2);
  const newer = median(newestFirst.slice(0, half));
  const older = median(newestFirst.slice(-half));
  if (half < LEAST_HALF || newer === null || older === null || older === 0) return null;
  return Math.round((100 * (newer - older)) / older);
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
