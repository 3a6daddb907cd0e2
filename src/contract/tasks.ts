/** Batches, tasks and attempts: their states, what an attempt is asked to do, how it ended, and the views of them. */

import { z } from 'zod';

export const TASK_TYPES = ['shell', 'generate', 'parse', 'decide', 'meta'] as const;
export type TaskType = (typeof TASK_TYPES)[number];
export const TASK_CLASSES = ['cpu', 'script', 'llm', 'meta', 'brain'] as const;
export type TaskClass = (typeof TASK_CLASSES)[number];

export const TASK_STATES = [
  'waiting',
  'ready',
  'leased',
  'running',
  'succeeded',
  'failed',
  'backoff',
  'skipped',
  'aborted',
  'cancelled',
  'parked',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const TERMINAL_TASK_STATES: ReadonlySet<TaskState> = new Set([
  'succeeded',
  'failed',
  'skipped',
  'aborted',
  'cancelled',
]);

export const BATCH_STATUSES = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** Why an attempt did not succeed; the rules that choose one are `brain/failure.ts`. */
export const FAILURE_CLASSES = [
  'exit_code',
  'definition',
  'memory',
  'timeout',
  'infrastructure',
  'backoff',
  'declared',
  'output',
  'cancelled',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** One attempt of one task: the identity that travels everywhere. `key` is `BATCH/TASK#NO`. */
export const attemptRefSchema = z.object({ batchId: z.string(), task: z.string(), no: z.number().int() });
export type AttemptRef = z.output<typeof attemptRefSchema>;

export function attemptKey(ref: AttemptRef): string {
  return `${ref.batchId}/${ref.task}#${ref.no}`;
}

/** A grant: one shell attempt for an agent to run. Payloads that may be large are files already when they matter. */
export const grantSchema = z.object({
  attempt: attemptRefSchema,
  taskClass: z.enum(TASK_CLASSES),
  /** Bash text, run in `cwd` with stdin empty. */
  command: z.string(),
  cwd: z.string(),
  /** `{BATCH_PATH}/logs/<task>/<attempt>`; the agent makes it. */
  dir: z.string(),
  /** The whole environment except DROVER_HOME and what the device adds. */
  env: z.record(z.string(), z.string()),
  /** Text for `DROVER_ITEM_FILE`; null when the task has no item. */
  item: z.string().nullable(),
  timeoutMs: z.number(),
  /** Device memory to reserve; 0 for cpu and llm tasks. */
  memoryBytes: z.number(),
  /** Paths that must exist and not be empty after success. */
  produces: z.array(z.string()),
});
export type Grant = z.output<typeof grantSchema>;

export const outcomeSchema = z.object({
  attempt: attemptRefSchema,
  /** Epoch of the agent that saw the end. */
  epoch: z.number(),
  result: z.enum(['exited', 'signalled', 'timed_out', 'spawn_failed', 'cancelled', 'lost']),
  exitCode: z.number().nullable(),
  signal: z.string().nullable(),
  /** Of `produces`, what is missing or empty. */
  missing: z.array(z.string()),
  device: z.string(),
  startedAt: z.number(),
  endedAt: z.number(),
  peakMemoryBytes: z.number().nullable(),
  /** End of stderr (or stdout when stderr is empty), at most 4 KB. */
  tail: z.string(),
});
export type Outcome = z.output<typeof outcomeSchema>;

/** `tasks` of a batch: counts by state (templates are not counted). */
export interface TaskCounts {
  readonly total: number;
  readonly waiting: number;
  readonly ready: number;
  readonly leased: number;
  readonly running: number;
  readonly backoff: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly aborted: number;
  readonly cancelled: number;
  readonly parked: number;
}

export interface TaskView {
  /** The task's name within its batch. */
  readonly id: string;
  readonly status: TaskState;
  readonly type: TaskType;
  readonly class: TaskClass | null;
  readonly attempts: number;
  readonly device: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly exit_code: number | null;
  readonly reason: string | null;
}

export interface AttemptView {
  readonly attempt: number;
  readonly status: 'running' | 'succeeded' | 'failed' | 'fenced';
  readonly agent: string;
  readonly epoch: number;
  readonly device: string | null;
  readonly pid: number | null;
  readonly leased_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly class: FailureClass | null;
  readonly reason: string | null;
  readonly peak_memory_bytes: number | null;
  readonly tokens_in: number | null;
  readonly tokens_out: number | null;
  /** Folder with stdout, stderr, command, env and the exit record. */
  readonly path: string;
}

export interface TaskDetailView extends TaskView {
  readonly batch_id: string;
  readonly template: string | null;
  readonly item: unknown;
  readonly command: string | null;
  readonly depends_on: readonly { readonly on: string; readonly condition: string }[];
  readonly attempt_list: readonly AttemptView[];
}

export interface BatchSummaryView {
  readonly batch_id: string;
  readonly plan: string;
  readonly status: BatchStatus;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly tasks: TaskCounts;
  /** `PLAN/history/BATCH`. */
  readonly path: string;
}

/** `batch show --json`: there `tasks` is the list and `counts` the counts. */
export interface BatchDetailView extends Omit<BatchSummaryView, 'tasks'> {
  readonly counts: TaskCounts;
  readonly tasks: readonly TaskView[];
}

export const submitRequestSchema = z.strictObject({
  /** Absolute path of the plan folder on the controller's host. */
  folder: z.string().min(1),
  config: z.record(z.string(), z.unknown()).default({}),
  priority: z.union([z.enum(['low', 'normal', 'high', 'urgent']), z.number().int().min(0).max(100)]).default('normal'),
  idempotency_key: z.string().min(1).max(200).optional(),
  /** PATH, HOME, USER, LANG, LC_ALL, LC_CTYPE, TMPDIR, VIRTUAL_ENV of the submitting shell. */
  env: z.record(z.string(), z.string()).default({}),
});
export type SubmitRequest = z.output<typeof submitRequestSchema>;

/** `submit --json`. */
export interface SubmitView {
  readonly batch_id: string;
  readonly status: BatchStatus;
  readonly tasks: TaskCounts;
  readonly path: string;
}
