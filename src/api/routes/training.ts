/** Training data: counts, samples, reviews, and what training programs read. */

import { z } from 'zod';

import {
  EXPORT_FORMATS,
  SAMPLE_KINDS,
  trainingReviewRequestSchema,
  trainingSampleViewSchema,
  trainingStatsViewSchema,
} from '../../contract/index.ts';
import { defineRoute } from '../route.ts';
import { sendText } from '../text-stream.ts';

const params = z.object({ id: z.string().describe('Id of the sample') });
const tag = 'training';

export const trainingRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/training',
    tag,
    summary: 'Count the training samples',
    scope: 'read',
    answers: { 200: { about: 'The counts', schema: trainingStatsViewSchema } },
    handle: (_call, { training }) => training.stats(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/training/samples',
    tag,
    summary: 'The newest samples, oldest first',
    scope: 'manage',
    query: z.strictObject({
      kind: z.enum(SAMPLE_KINDS).optional(),
      unreviewed: z.stringbool().default(false).describe('Only those that nobody has rated.'),
      limit: z.coerce.number().int().min(1).max(1_000).default(20),
    }),
    answers: { 200: { about: 'The samples with their reviews', schema: z.array(trainingSampleViewSchema) } },
    handle: ({ query }, { training }) => training.list(query),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/training/samples/:id',
    tag,
    summary: 'Show a sample',
    scope: 'manage',
    params,
    answers: { 200: { about: 'The sample', schema: trainingSampleViewSchema } },
    errors: ['SAMPLE_NOT_FOUND'],
    handle: (call, { training }) => training.show(call.params.id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/training/samples/:id/review',
    tag,
    summary: 'Rate a sample, and say how its answer should have been',
    description: 'A later review takes the place of an earlier one.',
    scope: 'manage',
    params,
    body: trainingReviewRequestSchema,
    answers: { 200: { about: 'The sample with its review', schema: trainingSampleViewSchema } },
    errors: ['SAMPLE_NOT_FOUND'],
    handle: ({ params: { id }, body }, { training }) => training.review(id, body),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/training/export',
    tag,
    summary: 'Samples as training programs read them',
    description: 'One JSON value a line. `positive`: rated 4 or 5. `preference`: rated 1 or 2, with a correction.',
    scope: 'manage',
    query: z.strictObject({ format: z.enum(EXPORT_FORMATS).default('positive') }),
    answers: { 200: { about: 'Lines of JSON', media: ['application/x-ndjson'] } },
    handle: ({ query, reply }, { training }) =>
      sendText(reply, () => training.export(query.format), { headers: NDJSON }),
  }),
];

const NDJSON = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' } as const;
