/** Models that go from one Drover to another: `drover models copy` carries the bytes between these routes of both. */

import type { Readable } from 'node:stream';

import { z } from 'zod';

import {
  LARGEST_MODEL_FILE_BYTES,
  modelFileNameSchema,
  modelOfferSchema,
  offerViewSchema,
  takenViewSchema,
} from '../../contract/index.ts';
import { sendFileRange } from '../file-range.ts';
import { defineRoute } from '../route.ts';
import { modelIdSchema } from './models.ts';

const MEDIA = 'application/octet-stream';
const known = z.object({ id: z.string().min(1).describe('Id in the catalogue') });
const coming = z.object({ id: modelIdSchema });
const file = z.object({ name: modelFileNameSchema.describe('Of a file of the offer') });
const tag = 'models';

export const modelCopyRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/models/:id/offer',
    tag,
    summary: 'Tell what another Drover needs to know to take a model over',
    description: 'Digests that are not known yet are read from the files, which takes its time.',
    scope: 'manage',
    params: known,
    answers: { 200: { about: 'Its files', schema: modelOfferSchema } },
    errors: ['MODEL_NOT_FOUND', 'MODEL_BUSY', 'MODEL_FILE_MISSING'],
    handle: ({ params: { id } }, { modelCopies }) => modelCopies.offerOf(id),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/models/:id/offer',
    tag,
    summary: 'Offer a model of another Drover',
    description:
      'Answers with the bytes that are missing here; send them with `PUT /v2/models/:id/files/:name`, and offer it again. ' +
      'When nothing is missing the files are verified, and the model is in the catalogue.',
    scope: 'manage',
    params: coming,
    query: z.strictObject({
      replace: z.stringbool().default(false).describe('Also in the place of another model of that id'),
    }),
    body: modelOfferSchema,
    answers: { 200: { about: 'What is missing, or the entry', schema: offerViewSchema } },
    errors: ['MODEL_BUSY', 'MODEL_EXISTS', 'MODEL_FILE_INVALID', 'DISK_FULL', 'DOWNLOAD_CORRUPT'],
    handle: ({ params: { id }, query, body }, { modelCopies }) => modelCopies.take(id, body, query),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/models/:id/files/:name',
    tag,
    summary: 'The bytes of a file of a model',
    description: 'With `Range: bytes=FROM-TO` a part of them.',
    scope: 'manage',
    params: known.extend(file.shape),
    headers: z.object({ range: z.string().optional().describe('`bytes=FROM-TO`') }),
    answers: { 200: { about: 'The file', media: [MEDIA] }, 206: { about: 'A part of it', media: [MEDIA] } },
    errors: ['MODEL_NOT_FOUND', 'MODEL_FILE_MISSING', 'RANGE_NOT_SATISFIABLE'],
    handle({ params: { id, name }, request, reply }, { modelCopies }) {
      const { path, size_bytes: size } = modelCopies.fileOf(id, name);
      return sendFileRange(reply, { path, size, what: name, contentType: MEDIA, range: request.headers.range });
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/v2/models/:id/files/:name',
    tag,
    summary: 'Send bytes of a file that an offer has named',
    description: 'They follow those that are there. What has come stays when the connection breaks off.',
    scope: 'manage',
    params: coming.extend(file.shape),
    query: z.strictObject({
      from: z.coerce
        .number()
        .int()
        .nonnegative()
        .max(LARGEST_MODEL_FILE_BYTES)
        .describe('Where in the file they begin'),
      size_bytes: z.coerce
        .number()
        .int()
        .positive()
        .max(LARGEST_MODEL_FILE_BYTES)
        .describe('Of the whole file, as offered'),
      sha256: modelOfferSchema.unwrap().shape.files.unwrap().element.unwrap().shape.sha256,
    }),
    bodyMedia: MEDIA,
    answers: { 200: { about: 'How many were taken', schema: takenViewSchema } },
    errors: ['DISK_FULL'],
    handle({ params: { id, name }, query, request }, { modelCopies }) {
      const bytes = request.body as Readable; // the parser of this type hands the stream on
      return modelCopies.receive(id, { name, ...query }, bytes).finally(() => bytes.resume());
    },
  }),
];
