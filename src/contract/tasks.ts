/** Batches, tasks and attempts: their states, what an attempt is asked to do, how it ended, and the views of them. */

import { z } from 'zod';

import { BATCH_STATUSES, TASK_CLASSES, TASK_STATES, TASK_TYPES } from './words.ts';

/** Why an attempt did not succeed; the rules that choose one are `brain/failure/failure.ts`. */
export const FAILURE_CLASSES = [
  'exit_code',
  'definition',
  'memory',
  'timeout',
  'infrastructure',
  'backoff',
  'declared',
  'output',
  /** The policy of its executor forbids its command. */
  'permission',
  /** No output and no progress for too long. */
  'stuck',
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
  /** Whose policy the command is held to. */
  executor: z.enum(['worker', 'brain']),
  /** Where the brain found room for it; the ledgers of the host decide. */
  prefer: z.string().optional(),
  /** Devices that it failed on; taken only when there is no other. */
  avoid: z.array(z.string()),
  /** Running work may be stopped and continued. */
  pausable: z.boolean(),
  sandbox: z.enum(['none', 'bwrap']),
  /** Names; the agent finds the values on its own host. */
  secrets: z.array(z.string()),
  /** Commands that a person has allowed, as they were asked about. */
  approved: z.array(z.string()).optional(),
});
export type Grant = z.output<typeof grantSchema>;

export const outcomeSchema = z.object({
  attempt: attemptRefSchema,
  /** Epoch of the agent that saw the end. */
  epoch: z.number(),
  /** `blocked`: the policy of its executor forbids it; `tail` says why. `stuck`: ended for its silence. */
  result: z.enum(['exited', 'signalled', 'timed_out', 'stuck', 'blocked', 'spawn_failed', 'cancelled', 'lost']),
  exitCode: z.number().nullable(),
  signal: z.string().nullable(),
  /** Of `produces`, what is missing or empty. */
  missing: z.array(z.string()),
  device: z.string(),
  startedAt: z.number(),
  endedAt: z.number(),
  /** Of its whole process tree, on its device; null when nothing measured it. */
  peakMemoryBytes: z.number().nullable(),
  /** End of stderr (or stdout when stderr is empty), at most 4 KB. */
  tail: z.string(),
  /** Of a blocked one: commands that a person may allow. */
  asks: z.array(z.string()).optional(),
});
export type Outcome = z.output<typeof outcomeSchema>;

export const goalCountsSchema = z
  .object({
    target: z.number().describe('How many accepted candidates are wanted.'),
    accepted: z.number(),
    rejected: z.number(),
    tried: z.number().describe('Accepted, rejected, and those on their way.'),
  })
  .readonly()
  .meta({ id: 'GoalCounts' });
export type GoalCounts = z.output<typeof goalCountsSchema>;

/** `tasks` of a batch: counts by state. A foreach task counts while it has no items; then they do. */
export const taskCountsSchema = z
  .object({
    total: z.number(),
    waiting: z.number(),
    ready: z.number(),
    leased: z.number(),
    running: z.number(),
    backoff: z.number(),
    succeeded: z.number(),
    failed: z.number(),
    skipped: z.number(),
    aborted: z.number(),
    cancelled: z.number(),
    parked: z.number(),
    rejected: z
      .number()
      .optional()
      .describe('Of candidates that a goal-driven plan has turned down; not among `failed` and `aborted`.'),
    goal: goalCountsSchema.optional().describe('Of a goal-driven plan: its candidates.'),
  })
  .readonly()
  .meta({ id: 'TaskCounts' });
export type TaskCounts = z.output<typeof taskCountsSchema>;

export const taskViewSchema = z
  .object({
    id: z.string().describe("The task's name within its batch."),
    status: z.enum(TASK_STATES),
    type: z.enum(TASK_TYPES),
    class: z.enum(TASK_CLASSES).nullable(),
    attempts: z.number(),
    device: z.string().nullable(),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
    exit_code: z.number().nullable(),
    reason: z.string().nullable(),
  })
  .readonly()
  .meta({ id: 'Task' });
export type TaskView = z.output<typeof taskViewSchema>;

export const attemptViewSchema = z
  .object({
    attempt: z.number(),
    status: z.enum(['running', 'succeeded', 'failed', 'fenced']),
    agent: z.string(),
    epoch: z.number(),
    device: z.string().nullable(),
    pid: z.number().nullable(),
    leased_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
    duration_ms: z.number().nullable(),
    exit_code: z.number().nullable(),
    signal: z.string().nullable(),
    class: z.enum(FAILURE_CLASSES).nullable(),
    reason: z.string().nullable(),
    tail: z.string().nullable().describe('End of what it wrote, for an attempt that failed or ran in a shell.'),
    peak_memory_bytes: z.number().nullable(),
    tokens_in: z.number().nullable(),
    tokens_out: z.number().nullable(),
    score: z.number().nullable().describe('What the brain thinks of the output, 1 to 5.'),
    score_reason: z.string().nullable(),
    path: z.string().describe('Folder with stdout, stderr, command, env and the exit record.'),
  })
  .readonly()
  .meta({ id: 'Attempt' });
export type AttemptView = z.output<typeof attemptViewSchema>;

export const taskDetailViewSchema = z
  .object({
    ...taskViewSchema.unwrap().shape,
    batch_id: z.string(),
    template: z.string().nullable(),
    item: z.unknown(),
    command: z.string().nullable(),
    answer: z.string().nullable().describe('Of a decide task.'),
    depends_on: z.array(z.object({ on: z.string(), condition: z.string() }).readonly()).readonly(),
    attempt_list: z.array(attemptViewSchema).readonly(),
  })
  .readonly()
  .meta({ id: 'TaskDetail' });
export type TaskDetailView = z.output<typeof taskDetailViewSchema>;

export const batchSummaryViewSchema = z
  .object({
    batch_id: z.string(),
    plan: z.string(),
    status: z.enum(BATCH_STATUSES),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
    tasks: taskCountsSchema,
    path: z.string().describe('PLAN/history/BATCH.'),
  })
  .readonly()
  .meta({ id: 'BatchSummary' });
export type BatchSummaryView = z.output<typeof batchSummaryViewSchema>;

/** `batch show --json`: there `tasks` is the list and `counts` the counts. */
export const batchDetailViewSchema = z
  .object({
    ...batchSummaryViewSchema.unwrap().shape,
    counts: taskCountsSchema,
    tasks: z.array(taskViewSchema).readonly().describe('The first of them, in the order of the plan.'),
    summarised: z.boolean().describe('It has ended, and its summary is kept.'),
  })
  .readonly()
  .meta({ id: 'BatchDetail' });
export type BatchDetailView = z.output<typeof batchDetailViewSchema>;

export const submitRequestSchema = z.strictObject({
  /** Absolute path of the plan folder on the controller's host. */
  folder: z.string().min(1),
  config: z.record(z.string(), z.unknown()).default({}),
  priority: z
    .union([z.enum(['low', 'normal', 'high', 'urgent']), z.number().int().min(0).max(100)])
    .optional()
    .describe('Absent: PRIORITY of the config, else normal.'),
  idempotency_key: z.string().min(1).max(200).optional(),
  /** PATH, HOME, USER, LANG, LC_ALL, LC_CTYPE, TMPDIR, VIRTUAL_ENV of the submitting shell. */
  env: z.record(z.string(), z.string()).default({}),
});
export type SubmitRequest = z.output<typeof submitRequestSchema>;

/** Which ended tasks of a batch run again, with all that depends on them; nothing said: those that failed. */
export const retryRequestSchema = z
  .strictObject({
    failed: z.literal(true).optional().describe('Those that failed; the default.'),
    from: z.string().min(1).optional().describe('This task; of a template all its items.'),
    items: z.array(z.string().min(1)).min(1).optional().describe('Items with these keys.'),
  })
  .refine((request) => Object.keys(request).length <= 1, 'only one of failed, from and items');
export type RetryRequest = z.output<typeof retryRequestSchema>;
