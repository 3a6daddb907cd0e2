/** Batches and their tasks: submit, look, kill, read logs and summaries. */

import { z } from 'zod';

import { renderSummary } from '../../brain/index.ts';
import {
  AppError,
  batchDetailViewSchema,
  batchSummaryViewSchema,
  retryRequestSchema,
  runSummarySchema,
  submitRequestSchema,
  submitViewSchema,
  TASK_CLASSES,
  TASK_STATES,
  taskDetailViewSchema,
  taskViewSchema,
} from '../../contract/index.ts';
import { logQuery } from '../log-query.ts';
import { defineRoute } from '../route.ts';
import { taskLog } from '../task-log.ts';
import { sendText } from '../text-stream.ts';

const params = z.object({ id: z.string().min(1).describe('Id of the batch') });
const taskParams = params.extend({ task: z.string().min(1).describe('Name of the task within its batch') });
const commaList = <T extends string>(values: readonly T[]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)))
    .optional()
    .describe(`With commas between them: ${values.join(', ')}.`);
const mostTasks = z.coerce.number().int().max(10_000);
const taskQuery = z.strictObject({
  state: commaList(TASK_STATES),
  class: commaList(TASK_CLASSES),
  after: z.string().min(1).optional().describe('Name of the last task of the page before.'),
  limit: mostTasks.min(1).default(1_000),
});
const batchQuery = z.strictObject({
  limit: mostTasks
    .min(0)
    .default(1_000)
    .describe('So many of its tasks at most; the others are on the pages of `tasks`.'),
});
const attemptLogQuery = logQuery.extend({
  attempt: z.coerce.number().int().min(1).optional().describe('Absent: the latest.'),
});
const tag = 'batches';

export const batchRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v2/batches',
    tag,
    summary: 'Run a plan as a new batch',
    scope: 'manage',
    body: submitRequestSchema,
    answers: {
      201: { about: 'Accepted', schema: submitViewSchema },
      200: { about: 'The batch that this idempotency key has made before', schema: submitViewSchema },
    },
    errors: ['PLAN_INVALID', 'PLAN_NOT_FOUND', 'IDEMPOTENCY_CONFLICT'],
    async handle({ body, reply }, { brain }) {
      const result = await brain.submit(body);
      if (result.kind === 'invalid') throw invalidPlan(result.diagnostics);
      return reply.status(result.created ? 201 : 200).send(result.view);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/batches',
    tag,
    summary: 'List batches',
    scope: 'read',
    answers: { 200: { about: 'The newest first', schema: z.array(batchSummaryViewSchema) } },
    handle: (_call, { brain }) => brain.listBatches(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/batches/:id',
    tag,
    summary: 'Show a batch and its tasks',
    scope: 'read',
    params,
    query: batchQuery,
    answers: { 200: { about: 'The batch', schema: batchDetailViewSchema } },
    errors: ['BATCH_NOT_FOUND'],
    handle: (call, { brain }) => brain.showBatch(call.params.id, call.query.limit),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/batches/:id/kill',
    tag,
    summary: 'Cancel a batch and everything of it that runs',
    scope: 'manage',
    params,
    answers: { 200: { about: 'The batch', schema: batchSummaryViewSchema } },
    errors: ['BATCH_NOT_FOUND'],
    handle: (call, { brain }) => brain.kill(call.params.id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/batches/:id/pause',
    tag,
    summary: 'Start nothing new of a batch; what runs goes on',
    scope: 'manage',
    params,
    answers: { 200: { about: 'The batch', schema: batchSummaryViewSchema } },
    errors: ['BATCH_NOT_FOUND', 'BATCH_STATE'],
    handle: (call, { brain }) => brain.pause(call.params.id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/batches/:id/resume',
    tag,
    summary: 'Lift a pause, or run again what has not succeeded of a batch that failed or was killed',
    scope: 'manage',
    params,
    answers: { 200: { about: 'The batch', schema: batchSummaryViewSchema } },
    errors: ['BATCH_NOT_FOUND', 'BATCH_STATE'],
    handle: (call, { brain }) => brain.resume(call.params.id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/batches/:id/retry',
    tag,
    summary: 'Run ended tasks again, with all that depends on them',
    scope: 'manage',
    params,
    body: retryRequestSchema,
    answers: { 200: { about: 'The batch', schema: batchSummaryViewSchema } },
    errors: ['BATCH_NOT_FOUND', 'BATCH_STATE', 'TASK_NOT_FOUND'],
    handle: (call, { brain }) => brain.retry(call.params.id, call.body),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/batches/:id/summary',
    tag,
    summary: 'The summary of a batch: RUN_SUMMARY.md, or RUN_SUMMARY.json',
    scope: 'read',
    params,
    query: z.strictObject({ format: z.enum(['markdown', 'json']).default('markdown').describe('markdown or json.') }),
    answers: {
      200: { about: 'Text, or as JSON', schema: runSummarySchema, media: ['text/markdown'] },
    },
    errors: ['BATCH_NOT_FOUND'],
    async handle({ params: { id }, query, reply }, { brain }) {
      const summary = await brain.summary(id);
      if (query.format === 'json') return summary;
      return reply.type('text/markdown; charset=utf-8').send(renderSummary(summary));
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/batches/:id/tasks',
    tag,
    summary: 'List the tasks of a batch, a page at a time',
    scope: 'read',
    params,
    query: taskQuery,
    answers: { 200: { about: 'In the order of the plan', schema: z.array(taskViewSchema) } },
    errors: ['BATCH_NOT_FOUND', 'TASK_NOT_FOUND'],
    handle: ({ params: { id }, query: { state, class: taskClass, after, limit } }, { brain }) =>
      brain.listTasks(id, { states: state, classes: taskClass, after, limit }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/batches/:id/tasks/:task',
    tag,
    summary: 'Show a task and its attempts',
    scope: 'read',
    params: taskParams,
    answers: { 200: { about: 'The task', schema: taskDetailViewSchema } },
    errors: ['BATCH_NOT_FOUND', 'TASK_NOT_FOUND'],
    handle: (call, { brain }) => brain.showTask(call.params.id, call.params.task),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/batches/:id/tasks/:task/logs',
    tag,
    summary: 'What a task has written',
    scope: 'read',
    params: taskParams,
    query: attemptLogQuery,
    answers: { 200: { about: 'Text as it comes', media: ['text/plain'] } },
    errors: ['BATCH_NOT_FOUND', 'TASK_NOT_FOUND'],
    async handle({ params: { id, task }, query, reply }, deps) {
      await sendText(reply, await taskLog(deps, { batchId: id, name: task }, query));
    },
  }),
];

function invalidPlan(diagnostics: readonly { readonly severity: string }[]): AppError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return new AppError(
    'PLAN_INVALID',
    `the plan has ${errors} ${errors === 1 ? 'error' : 'errors'}; nothing was started`,
    {
      hint: 'mend that and submit again; "drover plan lint FOLDER" checks a plan without submitting it',
      detail: { diagnostics },
    },
  );
}
