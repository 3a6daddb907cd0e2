/** The envelope of errors as a schema, for the document and for whoever checks an answer. */

import { z } from 'zod';

import { ERRORS } from '../contract/index.ts';
import type { ErrorCode } from '../contract/index.ts';

export const errorBodySchema = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(ERRORS) as ErrorCode[]),
      message: z.string().describe('Names the place and the cause.'),
      hint: z.string().optional().describe('What to run or to write instead.'),
      detail: z.record(z.string(), z.unknown()).optional().describe('Data for machines: problems, ids, paths.'),
      retryable: z.boolean().describe('The same call may succeed later without being changed.'),
    }),
  })
  .meta({ id: 'Error' });
