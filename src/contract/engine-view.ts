/** The kinds of engines as `drover engine ls` and the API show them. */

import { z } from 'zod';

import { ENGINE_KINDS } from './instance-config.ts';

/** A row of `drover engine ls --json`. */
export const engineViewSchema = z
  .object({
    engine: z.enum(ENGINE_KINDS),
    available: z.boolean(),
    version: z.string().nullable(),
    origin: z
      .string()
      .nullable()
      .describe('How it was found, such as PATH; "config" where each instance names its own.'),
    file: z.string().nullable(),
    flags: z.array(z.string()).readonly().nullable().describe('That the program knows; null when it was not asked.'),
    reason: z.string().nullable().describe('Why it is not available.'),
    hint: z.string().nullable().describe('What would change that.'),
  })
  .readonly()
  .meta({ id: 'Engine' });
export type EngineView = z.output<typeof engineViewSchema>;
