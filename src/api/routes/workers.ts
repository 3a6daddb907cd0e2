/** Workers: instances without a config. They are listed, watched and stopped as other instances are. */

import { instanceViewSchema, spawnRequestSchema } from '../../contract/index.ts';
import { defineRoute } from '../route.ts';

export const workerRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v2/workers',
    tag: 'instances',
    summary: 'Spawn a worker; answered when it is ready',
    description:
      'An instance without a config, named after its model: supervised like any other, and gone when it is stopped. One that does not come up leaves nothing.',
    scope: 'manage',
    body: spawnRequestSchema,
    answers: { 201: { about: 'The worker', schema: instanceViewSchema } },
    errors: [
      'CONFIG_INVALID',
      'DEVICE_NOT_FOUND',
      'MODEL_FILE_MISSING',
      'MODEL_FILE_INVALID',
      'MODEL_NOT_FOUND',
      'ENGINE_NOT_FOUND',
      'ENGINE_START_FAILED',
      'PORT_TAKEN',
      'MEMORY_INSUFFICIENT',
      'AGENT_UNAVAILABLE',
      'TIMEOUT',
    ],
    async handle({ body, reply }, { instances }) {
      return reply.status(201).send(await instances.spawn(body));
    },
  }),
];
