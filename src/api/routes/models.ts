/** The catalogue of models. */

import { z } from 'zod';

import { modelViewSchema } from '../../contract/index.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.string().min(1).describe('Id in the catalogue') });
const registerBody = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'letters, digits, dot, dash and underscore, 1 to 128'),
  path: z.string().startsWith('/', 'an absolute path').describe('Of a GGUF file on the host of the controller.'),
  source: z.string().min(1).default('file'),
});
const tag = 'models';

export const modelRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/models',
    tag,
    summary: 'List the catalogue',
    scope: 'read',
    answers: { 200: { about: 'By id', schema: z.array(modelViewSchema) } },
    handle: (_call, { models }) => models.list(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/models/:id',
    tag,
    summary: 'Tell all that is known of a model',
    scope: 'read',
    params,
    answers: { 200: { about: 'The model', schema: modelViewSchema } },
    errors: ['MODEL_NOT_FOUND'],
    handle: (call, { models }) => models.get(call.params.id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/models',
    tag,
    summary: 'Add a model file to the catalogue',
    description: 'The file stays where it is.',
    scope: 'manage',
    body: registerBody,
    answers: { 200: { about: 'The entry', schema: modelViewSchema } },
    errors: ['MODEL_FILE_MISSING', 'MODEL_FILE_INVALID'],
    handle: (call, { models }) => models.register(call.body),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/models/demo',
    tag,
    summary: 'Write the demo model and register it as `demo`',
    scope: 'manage',
    answers: { 200: { about: 'The entry', schema: modelViewSchema } },
    handle: (_call, { models }) => models.registerDemo(),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v2/models/:id',
    tag,
    summary: 'Take a model out of the catalogue',
    description: 'Its file stays.',
    scope: 'manage',
    params,
    answers: { 200: { about: 'It is out', schema: z.object({}) } },
    errors: ['MODEL_NOT_FOUND'],
    async handle(call, { models }) {
      await models.remove(call.params.id);
      return {};
    },
  }),
];
