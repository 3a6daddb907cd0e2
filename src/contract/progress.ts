/** How far a batch is, as `batch watch` and `watch` show it. */

import { z } from 'zod';

import { taskCountsSchema } from './tasks.ts';
import { BATCH_STATUSES } from './words.ts';

export const batchProgressViewSchema = z
  .object({
    batch_id: z.string(),
    plan: z.string(),
    status: z.enum(BATCH_STATUSES),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
    tasks: taskCountsSchema,
    running: z.array(z.string()).readonly().describe('Names of tasks that run, those that began first; a few.'),
    elapsed_ms: z.number(),
    eta_ms: z.number().nullable().describe('Null while nothing says when.'),
    tokens_per_second: z.number().describe('Of the last minute.'),
  })
  .readonly()
  .meta({ id: 'BatchProgress' });
export type BatchProgressView = z.output<typeof batchProgressViewSchema>;
