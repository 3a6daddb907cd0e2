/** Batches and their tasks: submit, look, kill, read logs and summaries. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { AppError, submitRequestSchema, TASK_CLASSES, TASK_STATES } from '../../contract/index.ts';
import type { ApiDeps } from '../deps.ts';
import { logQuery } from '../log-query.ts';
import { sendText } from '../text-stream.ts';
import { taskLog } from '../task-log.ts';

const batchParams = z.object({ id: z.string().min(1) });
const taskParams = z.object({ id: z.string().min(1), task: z.string().min(1) });
const commaList = <T extends string>(values: readonly T[]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)))
    .optional();
const taskQuery = z.strictObject({ state: commaList(TASK_STATES), class: commaList(TASK_CLASSES) });
const attemptLogQuery = logQuery.extend({ attempt: z.coerce.number().int().min(1).optional() });

export function batchRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const { brain } = deps;
  const read = { config: { scope: 'read' as const } };
  app.post('/v2/batches', async (request, reply) => {
    const result = await brain.submit(submitRequestSchema.parse(request.body));
    if (result.kind === 'invalid') throw invalidPlan(result.diagnostics);
    return reply.status(result.created ? 201 : 200).send(result.view);
  });
  app.get('/v2/batches', read, () => brain.listBatches());
  app.get('/v2/batches/:id', read, (request) => brain.showBatch(batchOf(request)));
  app.post('/v2/batches/:id/kill', (request) => brain.kill(batchOf(request)));
  app.get('/v2/batches/:id/summary', read, async (request, reply) =>
    reply.type('text/markdown; charset=utf-8').send(await brain.summary(batchOf(request))),
  );
  app.get('/v2/batches/:id/tasks', read, (request) => {
    const { state, class: taskClass } = taskQuery.parse(request.query);
    return brain.listTasks(batchOf(request), {
      ...(state === undefined ? {} : { states: state }),
      ...(taskClass === undefined ? {} : { classes: taskClass }),
    });
  });
  app.get('/v2/batches/:id/tasks/:task', read, (request) => {
    const { id, task } = taskParams.parse(request.params);
    return brain.showTask(id, task);
  });
  app.get('/v2/batches/:id/tasks/:task/logs', read, async (request, reply) => {
    const { id, task } = taskParams.parse(request.params);
    await sendText(reply, await taskLog(deps, { batchId: id, name: task }, attemptLogQuery.parse(request.query)));
  });
}

function batchOf(request: FastifyRequest): string {
  return batchParams.parse(request.params).id;
}

function invalidPlan(diagnostics: readonly { readonly severity: string }[]): AppError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return new AppError(
    'PLAN_INVALID',
    `the plan has ${errors} ${errors === 1 ? 'error' : 'errors'}; nothing was started`,
    {
      hint: 'run "drover plan lint FOLDER"',
      detail: { diagnostics },
    },
  );
}
