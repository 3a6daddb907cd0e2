/** Models of the catalogue, as stored and as shown. */

import { z } from 'zod';

export const MODEL_STATES = ['registered', 'ready', 'failed', 'retired'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

/** A row of `drover models ls --json`. */
export const modelViewSchema = z
  .object({
    id: z.string(),
    state: z.enum(MODEL_STATES),
    path: z.string(),
    size_bytes: z.number(),
    sha256: z.string().nullable(),
    architecture: z.string().nullable(),
    quantisation: z.string().nullable(),
    context_length: z.number().nullable(),
    parameters: z.number().nullable(),
    source: z.string(),
    registered_at: z.iso.datetime(),
  })
  .readonly()
  .meta({ id: 'Model' });
export type ModelView = z.output<typeof modelViewSchema>;
