/** Plans with a name: found, checked, sent from afar, and what their runs came to. */

import type { Readable } from 'node:stream';

import { z } from 'zod';

import {
  lintRequestSchema,
  lintViewSchema,
  planDetailViewSchema,
  planHistoryViewSchema,
  planNameSchema,
  planViewSchema,
  uploadedPlanViewSchema,
} from '../../contract/index.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ name: z.string().min(1).describe('Name of the plan, or of its folder') });
const tag = 'plans';

export const planRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/plans',
    tag,
    summary: 'List the plans that have a name',
    scope: 'read',
    answers: { 200: { about: "Those in the home and in the folders of `plan_folders`, on the controller's host", schema: z.array(planViewSchema) } }, // prettier-ignore
    handle: (_call, { plans }) => plans.list(),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/plans',
    tag,
    summary: 'Upload a plan folder',
    description:
      'The body is a tar of the folder: files and folders only, 256 MB at most. It is kept in `plans/NAME/DIGEST` of the home.',
    scope: 'manage',
    query: z.strictObject({ name: planNameSchema }),
    bodyMedia: 'application/x-tar',
    answers: {
      201: { about: 'Kept', schema: uploadedPlanViewSchema },
      200: { about: 'This version was there already', schema: uploadedPlanViewSchema },
    },
    async handle({ query: { name }, request, reply }, { plans }) {
      // The parser of this type hands the stream on.
      const tar = request.body as Readable;
      const view = await plans.upload(name, tar).finally(() => tar.resume());
      return reply.status(view.created ? 201 : 200).send(view);
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/plans/lint',
    tag,
    summary: 'Check the text of a plan, against the models and devices that are here',
    scope: 'read',
    body: lintRequestSchema,
    answers: { 200: { about: 'What is wrong with it', schema: lintViewSchema } },
    handle: ({ body }, { brain }) => brain.lint(body),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/plans/:name',
    tag,
    summary: 'Show a plan',
    scope: 'read',
    params,
    answers: { 200: { about: 'Where it lies, and its text', schema: planDetailViewSchema } },
    errors: ['PLAN_NOT_FOUND'],
    handle: (call, { plans }) => plans.find(call.params.name),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/plans/:name/history',
    tag,
    summary: 'What the runs of a plan came to, one by one and together',
    scope: 'read',
    params,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(10_000).default(100) }),
    answers: { 200: { about: 'The newest runs that have ended', schema: planHistoryViewSchema } },
    errors: ['PLAN_NOT_FOUND'],
    handle: (call, { brain }) => brain.planHistory(call.params.name, call.query.limit),
  }),
];
