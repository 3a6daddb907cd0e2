/** What a device does, as the heartbeats of its agent tell: fields of a device's view. */

import { z } from 'zod';

import { INSTANCE_STATES } from './instances.ts';

const deviceWorkerSchema = z.object({
  task: z.string().describe('BATCH/TASK'),
  attempt: z.number(),
  pid: z.number().nullable(),
  memory_bytes: z.number().nullable().describe('Of its whole process tree, on this device.'),
  started_at: z.iso.datetime(),
  quiet_ms: z.number().describe('Since its last output or sign of progress.'),
  paused: z.boolean(),
});

const deviceInstanceSchema = z.object({ name: z.string(), model: z.string(), state: z.enum(INSTANCE_STATES) });

export const deviceWorkFields = {
  heartbeat: z
    .object({ sequence: z.number(), agent_age_ms: z.number().describe("By the agent's monotonic clock.") })
    .readonly()
    .nullable()
    .describe('The latest over the link of its agent; null: there was none yet.'),
  instances: z.array(deviceInstanceSchema.readonly()).readonly().describe('With a process on it, and their models.'),
  workers: z.array(deviceWorkerSchema.readonly()).readonly(),
  ended: z
    .object({ succeeded: z.number(), failed: z.number() })
    .readonly()
    .describe('Attempts on it since its agent began.'),
};
