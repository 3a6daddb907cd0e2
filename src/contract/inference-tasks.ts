/**
 * The native task API: what a client asks for, how a task is shown, and the events of its stream. On the wire such a
 * request is called a task; it is no task of a batch.
 */

import { z } from 'zod';

export const WORKLOADS = ['completion', 'chat', 'embedding', 'rerank'] as const;
export type Workload = (typeof WORKLOADS)[number];

const text = z.string().min(1);
const name = z.string().min(1).max(300);
const names = z.array(name).max(100).default([]);

export const MOST_STOPS = 4;

const samplingFields = {
  temperature: z.number().min(0).max(2),
  top_p: z.number().min(0).max(1),
  top_k: z.number().int().min(0),
  min_p: z.number().min(0).max(1),
  presence_penalty: z.number().min(-2).max(2),
  frequency_penalty: z.number().min(-2).max(2),
  repeat_penalty: z.number().min(0).max(2),
  stop: z.array(text).max(MOST_STOPS).describe('At most four.'),
  seed: z.number().int().min(0).max(4_294_967_295).describe('Drawn when it is not given; the end tells it.'),
};
export const SAMPLING_FIELDS: readonly string[] = Object.keys(samplingFields);
const sampling = z.strictObject(samplingFields).partial();

const placement = z.strictObject({
  pin: name.optional().describe('This instance and no other.'),
  prefer: names.describe('Instances that are taken first.'),
  avoid: names.describe('Instances that are not taken.'),
  device: name.optional().describe('Instances on this device only, such as cuda0 or cpu.'),
  allow_fallback: z.boolean().default(false).describe('Others than those preferred will do.'),
});

const chatMessage = z.looseObject({ role: z.string().min(1), content: z.unknown() });

export const inferenceTaskRequestSchema = z.strictObject({
  model: name,
  workload: z.enum(WORKLOADS).optional().describe('chat for messages, completion for a prompt, when it is not given.'),
  prompt: z
    .union([text, z.array(text).min(1)])
    .optional()
    .describe('Several texts for embeddings; the query of a rerank.'),
  messages: z.array(chatMessage).min(1).optional(),
  documents: z.array(text).min(1).optional().describe('What a rerank puts in order.'),
  max_tokens: z.number().int().min(1).max(1_000_000).optional(),
  ...sampling.shape,
  sampling: sampling.optional().describe('The same fields in one place.'),
  priority: z.enum(['interactive', 'batch']).default('interactive'),
  deadline_ms: z
    .number()
    .int()
    .min(1)
    .max(31 * 86_400_000)
    .optional()
    .describe('From the acceptance to the end.'),
  session_id: z
    .string()
    .regex(/^[\w.:-]{1,128}$/, 'letters, digits and . _ : - only, at most 128')
    .optional(),
  placement: placement.optional(),
  stream_retention: z
    .enum(['full', 'end'])
    .default('full')
    .describe('What can be read of the stream once the task has ended: all of it, or its last event.'),
});

/** What no field shows by itself. */
const CROSSINGS: readonly {
  readonly path: string;
  readonly message: string;
  readonly isBroken: (task: Fields) => boolean;
}[] = [
  {
    path: 'prompt',
    message: 'give either prompt or messages',
    isBroken: ({ prompt, messages }) => (prompt === undefined) === (messages === undefined),
  },
  {
    path: 'messages',
    message: 'messages are for the workload chat',
    isBroken: ({ workload, messages }) => messages !== undefined && workload !== undefined && workload !== 'chat',
  },
  {
    path: 'prompt',
    message: 'several texts are for the workload embedding',
    isBroken: ({ workload, prompt }) => Array.isArray(prompt) && workload !== 'embedding',
  },
  {
    path: 'documents',
    message: 'documents are for the workload rerank, which needs them',
    isBroken: ({ workload, documents }) => (workload === 'rerank') !== (documents !== undefined),
  },
];

type Fields = Readonly<Record<string, unknown>>;

/** Throws a ZodError that names all that is wrong at once. */
export function readInferenceTask(body: unknown): InferenceTaskAsk {
  const read = inferenceTaskRequestSchema.safeParse(body);
  const fields = typeof body === 'object' && body !== null ? (body as Fields) : {};
  const crossed = CROSSINGS.filter(({ isBroken }) => isBroken(fields));
  if (read.success && crossed.length === 0) return read.data;
  const issues = crossed.map(({ path, message }) => ({ code: 'custom' as const, path: [path], message, input: body }));
  throw new z.ZodError([...(read.error?.issues ?? []), ...issues]);
}

/** As a client writes it. */
export type InferenceTaskRequest = z.input<typeof inferenceTaskRequestSchema>;
/** As it was read. */
export type InferenceTaskAsk = z.output<typeof inferenceTaskRequestSchema>;

export const INFERENCE_TASK_STATES = [
  'queued',
  'dispatched',
  'streaming',
  'done',
  'failed',
  'cancelled',
  'expired',
] as const;
export type InferenceTaskState = (typeof INFERENCE_TASK_STATES)[number];

const preparationStep = z.object({
  step: z.enum(['download', 'load']),
  name: z.string().describe('Of the model, or of the instance that wakes up.'),
});
export type PreparationStep = z.output<typeof preparationStep>;

export const acceptedTaskViewSchema = z
  .object({
    task_id: z.string(),
    status: z.enum(INFERENCE_TASK_STATES),
    queue_position: z.number().describe('From 1; 0 when it waits no more.'),
    predicted_start_ms: z.number().nullable().describe('From now; null before anybody knows.'),
    events_url: z.string(),
    preparation: z.array(preparationStep).describe('What has to be done before it can start.'),
  })
  .readonly()
  .meta({ id: 'AcceptedTask' });
export type AcceptedTaskView = z.output<typeof acceptedTaskViewSchema>;

const taskView = z.object({
  task_id: z.string(),
  owner: z.string().describe('Whose it is: key:ID, operator or anonymous.'),
  status: z.enum(INFERENCE_TASK_STATES),
  model: z.string(),
  workload: z.enum(WORKLOADS),
  priority: z.enum(['interactive', 'batch']),
  session_id: z.string().nullable(),
  queue_position: z.number(),
  instance: z.string().nullable(),
  code: z.string().nullable().describe('Of the error that ended it.'),
  accepted_at: z.iso.datetime(),
  deadline_at: z.iso.datetime().nullable(),
  ended_at: z.iso.datetime().nullable(),
  tokens_in: z.number(),
  tokens_out: z.number(),
  restarts: z.number().describe('How often a controller has taken it up again.'),
  events_url: z.string(),
});

export const inferenceTaskViewSchema = taskView.readonly().meta({ id: 'InferenceTask' });
export type InferenceTaskView = z.output<typeof inferenceTaskViewSchema>;

export const inferenceTaskDetailViewSchema = taskView
  .extend({ output: z.string().nullable().describe('The text so far; null when it is not kept.') })
  .readonly()
  .meta({ id: 'InferenceTaskDetail' });
export type InferenceTaskDetailView = z.output<typeof inferenceTaskDetailViewSchema>;

/** What a stream tells, by the name of the event. All but `metrics` have an id and are told to every reader. */
export interface TaskEventData {
  readonly queued: { readonly position: number; readonly predicted_start_ms: number | null };
  readonly started: { readonly instance: string; readonly queue_wait_ms: number };
  /** `t`: a piece of the answer, `i`: its number from 0. `thought`: of what the model thinks before it answers. */
  readonly token: { readonly t: string; readonly i: number; readonly thought?: true };
  /** The engine's answer to an embedding or a rerank. */
  readonly result: Readonly<Record<string, unknown>>;
  readonly metrics: { readonly tokens_out: number; readonly tokens_per_second: number; readonly elapsed_ms: number };
  readonly end: {
    readonly tokens_out: number;
    readonly tokens_in: number;
    readonly decode_time_ms: number;
    /** From the acceptance; null when there was none. */
    readonly first_token_ms: number | null;
    readonly stop_reason: string;
    readonly seed: number;
  };
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly retriable: boolean;
    readonly retry_after_ms: number | null;
  };
}

export const TASK_EVENTS = [
  'queued',
  'started',
  'token',
  'result',
  'metrics',
  'end',
  'error',
] as const satisfies readonly (keyof TaskEventData)[];

export type TaskEvent = {
  readonly [Kind in keyof TaskEventData]: {
    /** Null for `metrics`. */
    readonly id: number | null;
    readonly event: Kind;
    readonly data: TaskEventData[Kind];
  };
}[keyof TaskEventData];
