/** Workers: instances without a config, spawned by a person for as long as he wants them. Shown as instances are. */

import { z } from 'zod';

import { BACKENDS } from './instance-config.ts';

/** What `drover worker spawn` asks for. */
export const spawnRequestSchema = z.strictObject({
  model: z.string().min(1).max(1_000).describe('Id in the catalogue.'),
  backend: z.enum(BACKENDS).describe('What it computes on.'),
  device: z
    .string()
    .regex(/^[\w:.-]{1,64}$/)
    .optional()
    .describe('Number of the card among those of the backend, counted from 0, or its id. Absent: where there is room.'),
  port: z.int().min(1).max(65_535).optional().describe('Absent: the next free one.'),
  parallel: z.int().min(1).max(64).optional().describe('Requests at a time; absent: one.'),
});
export type SpawnRequest = z.output<typeof spawnRequestSchema>;
