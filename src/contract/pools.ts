/** All instances of a model as one: its pool. */

import { z } from 'zod';

import { HEALTH_VALUES, INSTANCE_STATES } from './instances.ts';

export const POOL_STATUSES = ['ready', 'degraded', 'loading', 'asleep', 'draining', 'stopped', 'failed'] as const;
export type PoolStatus = (typeof POOL_STATUSES)[number];

const slots = z.object({ busy: z.number(), total: z.number() });

export const poolMemberSchema = z.object({
  name: z.string(),
  status: z.enum(INSTANCE_STATES),
  health: z.enum(HEALTH_VALUES),
  draining: z.boolean(),
  breaker: z
    .enum(['closed', 'open', 'half-open'])
    .describe('Open: five calls in a row have failed; requests go elsewhere for 30 s.'),
  slots,
});
export type PoolMember = z.output<typeof poolMemberSchema>;

export const poolViewSchema = z
  .object({
    model: z.string(),
    status: z
      .enum(POOL_STATUSES)
      .describe('degraded: it serves, and an instance that should does not. asleep: the next request loads it.'),
    slots: slots.describe('Of the instances that are ready; what a drained one still runs is among them.'),
    waiting: z.number().describe('Requests in the queue.'),
    instances: z.array(poolMemberSchema),
  })
  .readonly()
  .meta({ id: 'Pool' });
export type PoolView = z.output<typeof poolViewSchema>;
