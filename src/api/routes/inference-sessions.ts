/** Sessions of the native task API: what belongs together has used so much, and may use so much. */

import { z } from 'zod';

import { inferenceSessionViewSchema, sessionBudgetRequestSchema } from '../../contract/index.ts';
import { sessionNotFound } from '../../gateway/index.ts';
import { actorName, reachOf } from '../actor.ts';
import { budgetHeaders, toSessionView } from '../inference-task-view.ts';
import { defineRoute } from '../route.ts';

const params = z.object({
  id: z
    .string()
    .regex(/^[\w.:-]{1,128}$/, 'letters, digits and . _ : - only, at most 128')
    .describe('`session_id` of its tasks'),
});
const tag = 'tasks';
const answers = { 200: { about: 'The session', schema: inferenceSessionViewSchema } } as const;

export const inferenceSessionRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/sessions',
    tag,
    summary: 'List sessions, the latest used first',
    scope: 'any',
    answers: { 200: { about: 'Those of the caller', schema: z.array(inferenceSessionViewSchema) } },
    async handle({ request: { actor } }, { tasks }) {
      return (await tasks.sessions.list(reachOf(actor))).map(toSessionView);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/sessions/:id',
    tag,
    summary: 'Show a session',
    scope: 'any',
    params,
    answers,
    errors: ['SESSION_NOT_FOUND'],
    async handle({ params: { id }, request: { actor }, reply }, { tasks }) {
      const session = await tasks.sessions.find(id, reachOf(actor));
      if (session === null) throw sessionNotFound(id);
      return reply.headers(budgetHeaders(session)).send(toSessionView(session));
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/v2/sessions/:id',
    tag,
    summary: 'Set what a session may use, made if need be',
    description: 'What is not given stays as it was.',
    scope: 'inference',
    params,
    body: sessionBudgetRequestSchema,
    answers,
    async handle({ params: { id }, body, request: { actor }, reply }, { tasks }) {
      const { budget_tokens: tokens, budget_seconds: seconds } = body;
      const known = await tasks.sessions.find(id, reachOf(actor));
      const session = await tasks.sessions.setBudget(
        { id, owner: known?.owner ?? actorName(actor) },
        {
          ...(tokens === undefined ? {} : { budgetTokens: tokens }),
          ...(seconds === undefined ? {} : { budgetMs: seconds === null ? null : Math.round(seconds * 1_000) }),
        },
      );
      return reply.headers(budgetHeaders(session)).send(toSessionView(session));
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v2/sessions/:id',
    tag,
    summary: 'Forget a session; its tasks go on',
    scope: 'any',
    params,
    answers: { 200: { about: 'It is gone', schema: z.object({}) } },
    errors: ['SESSION_NOT_FOUND'],
    async handle({ params: { id }, request: { actor } }, { tasks }) {
      await tasks.sessions.remove(id, reachOf(actor));
      return {};
    },
  }),
];
