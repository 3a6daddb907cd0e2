/** Pools: all instances of a model as one. */

import { z } from 'zod';

import { AppError, poolViewSchema } from '../../contract/index.ts';
import { actorName } from '../actor.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ model: z.string().min(1).describe('Id in the catalogue, alias, or name of an instance') });
const body = z.strictObject({
  timeout_ms: z.number().int().min(1).max(86_400_000).default(660_000).describe('Longest time to hold the answer.'),
});
const tag = 'models';
const answers = { 200: { about: 'The pool', schema: poolViewSchema } };

export const poolRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/pools/:model/health',
    tag,
    summary: 'The health of all instances of a model',
    scope: 'read',
    params,
    answers,
    errors: ['MODEL_NOT_FOUND'],
    handle: (call, { pools }) => pools.health(call.params.model),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/pools/:model/drain',
    tag,
    summary: 'Give the instances of a model no new requests; answered when none is in flight',
    description: 'They stay loaded. A start, a restart or a reload lifts it.',
    scope: 'manage',
    params,
    body,
    answers,
    errors: ['MODEL_NOT_FOUND', 'TIMEOUT'],
    handle: (call, { pools }) => pools.drain(call.params.model, { timeoutMs: call.body.timeout_ms }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/pools/:model/reload',
    tag,
    summary: 'Start the instances of a model anew, one after the other, with model and config as they are now',
    description:
      'One that does not come up is put back as it was, and the rest is left alone; requests wait meanwhile.',
    scope: 'manage',
    params,
    body,
    answers,
    errors: [
      'MODEL_NOT_FOUND',
      'CONFIG_INVALID',
      'MODEL_FILE_MISSING',
      'MODEL_FILE_INVALID',
      'ENGINE_NOT_FOUND',
      'ENGINE_START_FAILED',
      'MEMORY_INSUFFICIENT',
      'PORT_TAKEN',
      'AGENT_UNAVAILABLE',
      'TIMEOUT',
    ],
    handle: (call, { pools }) => pools.reload(call.params.model, { timeoutMs: call.body.timeout_ms }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/pools/:model/purge',
    tag,
    summary: 'End every request for a model, and take its instances down at once',
    description: 'A model that no instance is configured for is loaded again by the next request.',
    scope: 'manage',
    params,
    answers,
    errors: ['MODEL_NOT_FOUND', 'AGENT_UNAVAILABLE', 'TIMEOUT'],
    handle({ params: { model }, request }, { pools }) {
      const message = `"${model}" was purged by ${actorName(request.actor)}`;
      return pools.purge(model, new AppError('INSTANCE_UNAVAILABLE', message, { detail: { model } }));
    },
  }),
];
