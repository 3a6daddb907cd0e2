/** What a controller says about itself to programs that meet it for the first time. */

import { z } from 'zod';

import { WORKLOADS } from './inference-tasks.ts';

export const versionViewSchema = z
  .object({
    version: z.string(),
    api: z.literal('v2'),
    agent_protocol: z.number().describe('Spoken between controller and agents.'),
  })
  .readonly()
  .meta({ id: 'Version' });

export const capabilitiesViewSchema = z
  .object({
    version: z.string(),
    protocols: z.array(z.string()).describe('Wire protocols of the front door.'),
    workloads: z.array(z.enum(WORKLOADS)).describe('Of native tasks.'),
    sampling: z.array(z.string()).describe('Fields of a native task that say how to sample.'),
    priorities: z.array(z.string()),
    events: z.array(z.string()).describe('Of the stream of a native task.'),
    features: z.array(z.string()),
    limits: z.object({
      body_bytes: z.number(),
      artifact_bytes: z.number(),
      stop_sequences: z.number(),
      session_idle_ms: z.number(),
    }),
    models: z.number().describe('Names that may be asked for.'),
  })
  .readonly()
  .meta({ id: 'Capabilities' });
