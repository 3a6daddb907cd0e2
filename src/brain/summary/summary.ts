/** What a batch came to, computed from its rows: the content of RUN_SUMMARY.json. It reads nothing and writes nothing. */

import type { FailureEntry, MemoryShare, RunSummary, Share, TaskCounts } from '../../contract/index.ts';
import { groupBy, isoTime } from '../../kernel/index.ts';
import { isOfRejected, storedGoal } from '../../store/index.ts';
import type { BatchRecord, Row, TaskRecord } from '../../store/index.ts';
import { lessonsOf } from './lessons.ts';

export type AttemptRecord = Row<'attempt'>;

export interface SummarySource {
  readonly batch: BatchRecord;
  readonly counts: TaskCounts;
  readonly tasks: readonly TaskRecord[];
  readonly attempts: readonly AttemptRecord[];
  /** What people did to it. */
  readonly interventions: readonly string[];
  readonly now: number;
}

/** An attempt beside its task. */
interface Run {
  readonly task: TaskRecord;
  readonly attempt: AttemptRecord;
  readonly ms: number;
  /** It failed, and did not just turn a candidate down. */
  readonly failed: boolean;
}

export function summarise(source: SummarySource): RunSummary {
  const { batch, counts, tasks, interventions, now } = source;
  const isTurnedDown = turnedDownIn(batch);
  const runs = runsOf(source, isTurnedDown);
  const counted = tasks.filter((task) => !isTurnedDown(task));
  const facts = {
    by_class: shares(runs, ({ task }) => task.class ?? 'none'),
    by_device: shares(runs, ({ attempt }) => attempt.device ?? 'none'),
    by_step: shares(runs, ({ task }) => stepOf(task)),
    memory: memoryOf(runs),
    retries: retriesOf(runs, tasks),
    queue_wait_ms: sum(tasks.map((task) => waitOf(task))),
    run_ms: sum(runs.map(({ ms }) => ms)),
  };
  return {
    batch_id: batch.id,
    plan: batch.plan_name,
    status: batch.status,
    created_at: isoTime(batch.created_at),
    started_at: isoTime(batch.started_at),
    ended_at: isoTime(batch.ended_at),
    duration_ms: (batch.ended_at ?? now) - batch.created_at,
    path: batch.path,
    tasks: counts,
    success_rate: successRate(counts),
    ...facts,
    interventions,
    tokens: {
      in: sum(runs.map(({ attempt }) => attempt.tokens_in ?? 0)),
      out: sum(runs.map(({ attempt }) => attempt.tokens_out ?? 0)),
    },
    evaluation: evaluationOf(runs),
    notes: tasks.flatMap(({ kind, state, name, reason }) =>
      kind === 'template' && state === 'succeeded' && reason !== null ? [{ task: name, reason }] : [],
    ),
    failures: failuresOf(counted, runs),
    aborted: counted.flatMap(({ state, name, reason }) => (state === 'aborted' ? [{ task: name, reason }] : [])),
    lessons: lessonsOf(facts),
  };
}

type TaskTest = (task: TaskRecord) => boolean;

/** Whether it is of a candidate that the goal of its batch has no use for. */
function turnedDownIn(batch: BatchRecord): TaskTest {
  const goal = storedGoal(batch);
  return (task) => goal !== null && isOfRejected(goal, task);
}

function runsOf({ tasks, attempts, now }: SummarySource, isTurnedDown: TaskTest): Run[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  return attempts.flatMap((attempt) => {
    const task = byId.get(attempt.task_id);
    const ms = attempt.started_at === null ? 0 : (attempt.ended_at ?? now) - attempt.started_at;
    if (!task) return [];
    const verdict = attempt.no === task.attempt && isTurnedDown(task);
    return [{ task, attempt, ms, failed: attempt.result === 'failed' && !verdict }];
  });
}

/** Items count under their template. */
function stepOf(task: TaskRecord): string {
  return task.template ?? task.name;
}

/** From ready to the start, of its last attempt. */
function waitOf(task: TaskRecord): number {
  if (task.kind === 'template' || task.ready_at === null || task.started_at === null) return 0;
  return Math.max(0, task.started_at - task.ready_at);
}

function successRate({ succeeded, failed, aborted, cancelled }: TaskCounts): number | null {
  const ended = succeeded + failed + aborted + cancelled;
  return ended === 0 ? null : succeeded / ended;
}

function shares(runs: readonly Run[], nameOf: (run: Run) => string): Share[] {
  return [...groupBy(runs, nameOf)]
    .map(([name, group]) => shareOf(name, group))
    .toSorted((a, b) => b.run_ms - a.run_ms);
}

function shareOf(name: string, runs: readonly Run[]): Share {
  const times = runs.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    name,
    attempts: runs.length,
    failed_attempts: runs.filter(({ failed }) => failed).length,
    run_ms: sum(times),
    median_run_ms: times[Math.floor(times.length / 2)] ?? 0,
    longest_run_ms: times.at(-1) ?? 0,
  };
}

/** Where memory was reserved or measured. */
function memoryOf(runs: readonly Run[]): MemoryShare[] {
  const steps = new Map<string, MemoryShare>();
  for (const { task, attempt } of runs) {
    const step = stepOf(task);
    const before = steps.get(step);
    const estimate = Math.max(before?.estimate_bytes ?? 0, task.memory_bytes);
    const peak = Math.max(before?.peak_bytes ?? 0, attempt.peak_memory_bytes ?? 0);
    steps.set(step, { step, estimate_bytes: estimate, peak_bytes: peak });
  }
  return [...steps.values()].filter(({ estimate_bytes: estimate, peak_bytes: peak }) => estimate > 0 || peak > 0);
}

function retriesOf(runs: readonly Run[], tasks: readonly TaskRecord[]): RunSummary['retries'] {
  const lost = runs.filter(({ attempt, task }) => attempt.result !== 'succeeded' && attempt.no < task.attempt);
  return {
    counted: sum(tasks.map((task) => (task.state === 'failed' ? Math.max(0, task.failures - 1) : task.failures))),
    free: sum(tasks.map((task) => task.free_attempts)),
    wasted_ms: sum(lost.map(({ ms }) => ms)),
  };
}

/** The last judgement of each task counts; those before it had the task done again. */
function evaluationOf(runs: readonly Run[]): RunSummary['evaluation'] {
  const scores = new Map<number, number>();
  let all = 0;
  for (const { attempt } of runs) {
    if (attempt.score === null) continue;
    scores.set(attempt.task_id, attempt.score);
    all += 1;
  }
  if (scores.size === 0) return null;
  return { judged: scores.size, mean: sum([...scores.values()]) / scores.size, redone: all - scores.size };
}

function failuresOf(tasks: readonly TaskRecord[], runs: readonly Run[]): FailureEntry[] {
  const last = new Map(runs.map(({ attempt }) => [attempt.task_id, attempt]));
  return tasks
    .filter(({ state }) => state === 'failed')
    .map((task) => ({
      task: task.name,
      class: last.get(task.id)?.class ?? null,
      reason: task.reason,
      exit_code: task.exit_code,
      attempts: task.attempt,
      log: last.get(task.id)?.dir ?? null,
    }));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
