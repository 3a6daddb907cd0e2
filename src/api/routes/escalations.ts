/** Escalations: what the brain asks of those above it, and their answers. */

import { z } from 'zod';

import { escalationAnswerSchema, escalationViewSchema } from '../../contract/index.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.coerce.number().int().min(1).describe('Number of the escalation') });
const query = z.strictObject({
  status: z.enum(['open', 'all']).default('open').describe('Only what waits for an answer, or everything.'),
});
const tag = 'escalations';

export const escalationRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/escalations',
    tag,
    summary: 'List escalations',
    scope: 'read',
    query,
    answers: { 200: { about: 'The newest first', schema: z.array(escalationViewSchema) } },
    handle: (call, { brain }) => brain.listEscalations({ openOnly: call.query.status === 'open' }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/escalations/:id',
    tag,
    summary: 'Show an escalation',
    scope: 'read',
    params,
    answers: { 200: { about: 'The escalation', schema: escalationViewSchema } },
    errors: ['ESCALATION_NOT_FOUND'],
    handle: (call, { brain }) => brain.showEscalation(call.params.id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/escalations/:id/answer',
    tag,
    summary: 'Answer an escalation with one of its choices',
    scope: 'manage',
    params,
    body: escalationAnswerSchema,
    answers: { 200: { about: 'The escalation, answered', schema: escalationViewSchema } },
    errors: ['ESCALATION_NOT_FOUND', 'ESCALATION_CLOSED'],
    handle: (call, { brain }) => brain.answerEscalation(call.params.id, call.body),
  }),
];
