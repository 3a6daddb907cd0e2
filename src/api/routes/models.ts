/** The catalogue of models. */

import { z } from 'zod';

import {
  AppError,
  catalogEntryViewSchema,
  MODEL_ID,
  modelCheckViewSchema,
  modelDetailViewSchema,
  modelTierSchema,
  modelUsageViewSchema,
  modelViewSchema,
} from '../../contract/index.ts';
import { modelDetail } from '../../fleet/index.ts';
import { SHORT_NAMES } from '../../models/hub/index.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.string().min(1).describe('Id in the catalogue') });
export const modelIdSchema = z.string().regex(MODEL_ID, 'letters, digits, dot, dash and underscore, 1 to 128');
const path = z.string().startsWith('/', 'an absolute path').describe('Of a GGUF file on the host of the controller.');
const registerBody = z.strictObject({
  id: modelIdSchema,
  path,
  source: z.string().min(1).default('file'),
  tier: modelTierSchema.optional(),
});
const importBody = z.strictObject({ id: modelIdSchema, path, tier: modelTierSchema.optional() });
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
    path: '/v2/models/catalog',
    tag,
    summary: 'List what can be pulled by a short name',
    scope: 'read',
    answers: { 200: { about: 'Names and what they mean', schema: z.array(catalogEntryViewSchema) } },
    handle: (_call, { models }) =>
      SHORT_NAMES.map((entry) => ({ ...entry, state: models.all().get(entry.name)?.state ?? null })),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/models/usage',
    tag,
    summary: 'Tell what lies in the folder of models',
    scope: 'read',
    answers: { 200: { about: 'Its files, the largest first', schema: modelUsageViewSchema } },
    handle: (_call, { modelFiles }) => modelFiles.usage(),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/models/prune',
    tag,
    summary: 'Remove files that nobody needs',
    description:
      'Those of the folder of models that belong to no model, to a retired one, or to a download that has ended.',
    scope: 'manage',
    answers: { 200: { about: 'What was removed', schema: modelUsageViewSchema.unwrap().shape.entries } },
    handle: (_call, { modelFiles }) => modelFiles.prune(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/models/:id',
    tag,
    summary: 'Tell all that is known of a model',
    description: 'With the data sheet of its file and the devices that would hold it.',
    scope: 'read',
    params,
    answers: { 200: { about: 'The model', schema: modelDetailViewSchema } },
    errors: ['MODEL_NOT_FOUND'],
    handle: async (call, { models, hosts }) =>
      modelDetail(await models.get(call.params.id), hosts.devicesOf(hosts.localHost)),
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
    errors: ['MODEL_BUSY', 'MODEL_FILE_MISSING', 'MODEL_FILE_INVALID'],
    handle(call, { models }) {
      if (models.all().get(call.body.id)?.state === 'downloading') {
        throw new AppError('MODEL_BUSY', `${call.body.id} is being downloaded`);
      }
      return models.register(call.body);
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/models/import',
    tag,
    summary: 'Copy a model file into the folder of models and register the copy',
    scope: 'manage',
    body: importBody,
    answers: { 200: { about: 'The entry', schema: modelViewSchema } },
    errors: ['MODEL_EXISTS', 'MODEL_FILE_MISSING', 'MODEL_FILE_INVALID', 'DISK_FULL'],
    handle: (call, { modelFiles }) => modelFiles.import(call.body),
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
    method: 'POST',
    path: '/v2/models/:id/verify',
    tag,
    summary: 'Read every byte of a model and compare it with what is known',
    description: 'A model that is not what it was is failed from then on.',
    scope: 'manage',
    params,
    answers: { 200: { about: 'What was found', schema: modelCheckViewSchema } },
    errors: ['MODEL_NOT_FOUND', 'MODEL_BUSY'],
    handle: (call, { modelFiles }) => modelFiles.verify(call.params.id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/models/:id/unregister',
    tag,
    summary: 'Retire a model',
    description: 'It stays in the catalogue, nothing may use it, and its files stay until a prune.',
    scope: 'manage',
    params,
    answers: { 200: { about: 'The entry', schema: modelViewSchema } },
    errors: ['MODEL_NOT_FOUND', 'MODEL_BUSY'],
    handle: (call, { modelFiles }) => modelFiles.retire(call.params.id),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v2/models/:id',
    tag,
    summary: 'Take a model out of the catalogue',
    description: 'Files in the folder of models go with it; those elsewhere stay.',
    scope: 'manage',
    params,
    answers: { 200: { about: 'It is out', schema: z.object({}) } },
    errors: ['MODEL_NOT_FOUND', 'MODEL_BUSY'],
    async handle(call, { modelFiles }) {
      await modelFiles.remove(call.params.id);
      return {};
    },
  }),
];
