/** Downloads of models from the hub. */

import { z } from 'zod';

import { downloadViewSchema, pullRequestSchema, pullViewSchema } from '../../contract/index.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.string().min(1).describe('Id in the catalogue') });
const tag = 'models';

export const modelDownloadRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v2/models/pull',
    tag,
    summary: 'Download a model from the hub',
    description:
      'Answered when it has begun; it goes on without its caller. How far it is: `GET /v2/models/downloads`, and the ' +
      'facts of the model. Asking again for what comes or is there changes nothing.',
    scope: 'manage',
    body: pullRequestSchema,
    answers: { 200: { about: 'What goes on', schema: pullViewSchema } },
    errors: ['OFFLINE', 'MODEL_EXISTS', 'MODEL_NOT_FOUND', 'MODEL_GATED', 'DOWNLOAD_FAILED'],
    handle: (call, { modelDownloads }) => modelDownloads.pull(call.body),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/models/downloads',
    tag,
    summary: 'List the downloads that go on',
    scope: 'read',
    answers: { 200: { about: 'Oldest first', schema: z.array(downloadViewSchema) } },
    handle: (_call, { modelDownloads }) => modelDownloads.list(),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/models/:id/cancel',
    tag,
    summary: 'End a download',
    description: 'Nothing is left of it.',
    scope: 'manage',
    params,
    answers: { 200: { about: 'It has ended', schema: z.object({}) } },
    errors: ['MODEL_NOT_FOUND'],
    async handle(call, { modelDownloads }) {
      await modelDownloads.cancel(call.params.id);
      return {};
    },
  }),
];
