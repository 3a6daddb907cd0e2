/** What a batch leaves behind, as a stream; and how far it is. */

import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';

import { z } from 'zod';

import { AppError, batchProgressViewSchema } from '../../contract/index.ts';
import { packFolder } from '../../kernel/index.ts';
import { findBatch } from '../../store/index.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.string().min(1).describe('Id of the batch') });
const tag = 'batches';

export const batchFileRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/batches/:id/progress',
    tag,
    summary: 'How far a batch is',
    scope: 'read',
    params,
    answers: { 200: { about: 'Counts, what runs, and when it may be done', schema: batchProgressViewSchema } },
    errors: ['BATCH_NOT_FOUND'],
    handle: (call, { brain }) => brain.progress(call.params.id),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/batches/:id/export',
    tag,
    summary: 'The folder of a batch',
    description: 'Results, output, logs and summaries as a tar. Links are left out.',
    scope: 'read',
    params,
    answers: { 200: { about: 'A tar', media: ['application/x-tar'] } },
    errors: ['BATCH_NOT_FOUND'],
    async handle({ params: { id }, reply }, { store }) {
      const batch = await store.read((db) => findBatch(db, id));
      if (!batch) throw noBatch(`there is no batch ${id}`, 'run "drover batch ls"');
      const { path } = batch;
      if (!existsSync(path))
        throw noBatch(`the folder of batch ${id} is gone: ${path}`, `run "drover batch summary ${id}"`);
      return reply.type('application/x-tar').send(Readable.from(packFolder(path)));
    },
  }),
];

function noBatch(message: string, hint: string): AppError {
  return new AppError('BATCH_NOT_FOUND', message, { hint });
}
