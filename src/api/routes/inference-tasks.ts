/** The native task API: one inference call that survives its connection and its controller. A key sees its own alone. */

import { z } from 'zod';

import {
  AppError,
  acceptedTaskViewSchema,
  INFERENCE_TASK_STATES,
  inferenceTaskDetailViewSchema,
  inferenceTaskRequestSchema,
  inferenceTaskViewSchema,
  readInferenceTask,
} from '../../contract/index.ts';
import type { InferenceTaskAsk } from '../../contract/index.ts';
import { outputOf } from '../../gateway/index.ts';
import type { DurableRequests, SeenTask } from '../../gateway/index.ts';
import { actorName, holderOf, mayTouch, reachOf } from '../actor.ts';
import type { Actor } from '../actor.ts';
import type { ApiDeps } from '../deps.ts';
import { EVENT_STREAM, lastEventHeaders, lastEventId, seq } from '../events.ts';
import { budgetHeaders, stateOf, toAcceptedView, toFrames, toTaskView } from '../inference-task-view.ts';
import { defineRoute } from '../route.ts';
import type { Call } from '../route.ts';
import { sendText } from '../text-stream.ts';

const params = z.object({ id: z.string().describe('`task_id` of the task; it is also the id of its request') });
const tag = 'tasks';
const idempotencyKey = z.string().min(1).max(200);
const idempotencyHeaders = z.object({
  'idempotency-key': idempotencyKey
    .optional()
    .describe('The same key with the same body gives the same task; with another body, IDEMPOTENCY_CONFLICT.'),
});

const CANCEL = {
  tag,
  scope: 'any',
  params,
  answers: {
    202: { about: 'It is cancelled: no token follows', schema: inferenceTaskViewSchema },
    200: { about: 'It had ended before', schema: inferenceTaskViewSchema },
  },
  errors: ['TASK_NOT_FOUND'],
  handle: cancel,
} as const;

export const inferenceTaskRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v2/tasks',
    tag,
    summary: 'Ask a model, durably',
    description:
      'Answers when the task is written down and waits or runs: from then on it survives a restart of the controller. All that is wrong with it is told at once.',
    scope: 'inference',
    headers: idempotencyHeaders,
    body: z.unknown(),
    shownBody: inferenceTaskRequestSchema,
    answers: { 202: { about: 'Accepted', schema: acceptedTaskViewSchema } },
    errors: [
      'MODEL_NOT_FOUND',
      'CONTEXT_LENGTH_EXCEEDED',
      'QUEUE_FULL',
      'RATE_LIMITED',
      'BUDGET_EXCEEDED',
      'IDEMPOTENCY_CONFLICT',
      'INSTANCE_STOPPED',
      'INSTANCE_UNAVAILABLE',
      'PLACEMENT_INFEASIBLE',
    ],
    async handle({ body, request, reply }, { tasks }) {
      const { actor, headers } = request;
      if (actor.kind === 'task') throw notForSlots();
      const key = headers['idempotency-key'];
      const order = {
        ask: readInferenceTask(body),
        owner: actorName(actor),
        idempotencyKey: key === undefined ? null : idempotencyKey.parse(key),
      };
      const preparation = tasks.preparation(order.ask.model);
      const accepted = await tasks.accept(order, holderOf(actor)).finally(async () => {
        reply.headers(await budgetLeft(order, tasks));
      });
      return reply.status(202).send(toAcceptedView(accepted, preparation));
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/tasks',
    tag,
    summary: 'List tasks, newest first: those that are open, and those that have ended in the last days',
    scope: 'any',
    query: z.strictObject({
      status: z.enum(INFERENCE_TASK_STATES).optional(),
      model: z.string().optional(),
      session_id: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
    answers: { 200: { about: 'Those of the caller', schema: z.array(inferenceTaskViewSchema) } },
    async handle({ query: { status, model, session_id: session, limit }, request: { actor } }, { tasks }) {
      const found = await tasks.list({ owner: reachOf(actor), model, session, limit });
      return found.filter((task) => status === undefined || stateOf(task) === status).map(toTaskView);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/tasks/:id',
    tag,
    summary: 'Show a task, with its text so far',
    scope: 'any',
    params,
    answers: { 200: { about: 'The task', schema: inferenceTaskDetailViewSchema } },
    errors: ['TASK_NOT_FOUND'],
    async handle({ params: { id }, request: { actor } }, { tasks }) {
      const task = await find(id, actor, tasks);
      return { ...toTaskView(task), output: outputOf(await tasks.events(task)) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/tasks/:id/events',
    tag,
    summary: 'What happens to a task, as server-sent events to its last',
    description:
      'Events: `queued`, `started`, `token`, `result`, `metrics`, then one `end` or `error`. All but `metrics` have an id; a reader that comes back with `Last-Event-ID` gets what is behind it, and 204 when there is nothing any more. See docs/task-api.md.',
    scope: 'any',
    params,
    query: z.strictObject({ after: seq.optional().describe('As `Last-Event-ID`, which wins.') }),
    headers: lastEventHeaders,
    answers: {
      200: { about: 'A stream that ends with the task', media: ['text/event-stream'] },
      204: { about: 'The last event was read before' },
    },
    errors: ['TASK_NOT_FOUND'],
    async handle({ params: { id }, query, request, reply }, { tasks, clock, signal: closing }) {
      const task = await find(id, request.actor, tasks);
      const after = lastEventId(request) ?? query.after ?? 0;
      const isOver = task.live === null && (await tasks.events(task)).every((event) => (event.id ?? 0) <= after);
      if (isOver) return reply.status(204).send();
      const frames = (gone: AbortSignal) => framesOf(tasks.read(task, after, AbortSignal.any([gone, closing])));
      return sendText(reply, frames, { headers: EVENT_STREAM, cutStopped: { clock } });
    },
  }),
  defineRoute({ ...CANCEL, method: 'POST', path: '/v2/tasks/:id/cancel', summary: 'Cancel a task' }),
  defineRoute({ ...CANCEL, method: 'DELETE', path: '/v2/tasks/:id', summary: 'Cancel a task, as by `/cancel`' }),
];

async function cancel({ params: { id }, request, reply }: Call<{ id: string }, unknown, unknown>, { tasks }: ApiDeps) {
  const task = await find(id, request.actor, tasks);
  const isCancelled = await tasks.cancel(task, actorName(request.actor));
  const after = await find(id, request.actor, tasks);
  return reply.status(isCancelled ? 202 : 200).send(toTaskView(after));
}

/** What is not the caller's is not there for him. */
async function find(id: string, actor: Actor, tasks: DurableRequests): Promise<SeenTask> {
  const task = await tasks.find(id);
  if (task !== null && mayTouch(actor, task.record.owner)) return task;
  throw new AppError('TASK_NOT_FOUND', `there is no task "${id.slice(0, 200)}" of yours`, {
    hint: 'GET /v2/tasks lists those that are kept; tasks of batches are under /v2/batches',
  });
}

interface Asked {
  readonly ask: InferenceTaskAsk;
  readonly owner: string;
}

async function budgetLeft({ ask, owner }: Asked, { sessions }: DurableRequests) {
  return budgetHeaders(ask.session_id === undefined ? null : await sessions.find(ask.session_id, owner));
}

async function* framesOf(read: ReturnType<DurableRequests['read']>): AsyncGenerator<string> {
  for await (const events of read) yield* toFrames(events);
}

function notForSlots(): AppError {
  return new AppError('FORBIDDEN', 'the token of a slot asks models under /v1, and makes no tasks');
}
