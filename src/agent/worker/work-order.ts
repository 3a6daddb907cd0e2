/**
 * What must be known about an attempt for as long as it lives, also by an agent that did not start it: the grant
 * without its payloads, which lie in the attempt's folder. Data only.
 */

import { createHash } from 'node:crypto';

import { z } from 'zod';

import { TASK_CLASSES, attemptKey, attemptRefSchema } from '../../contract/index.ts';
import type { AttemptRef, Grant } from '../../contract/index.ts';
import type { Marker } from '../../kernel/index.ts';

/**
 * Why an attempt is being ended before its time. `revoked`: it belongs to somebody else, report nothing. `stopped`:
 * everything goes down on request; the attempt is lost through no fault of its own. `device_lost`: so did its card.
 */
const END_CAUSES = ['timed_out', 'cancelled', 'revoked', 'stopped', 'device_lost'] as const;
export type EndCause = (typeof END_CAUSES)[number];

export const workOrderSchema = z.object({
  attempt: attemptRefSchema,
  taskClass: z.enum(TASK_CLASSES),
  device: z.string(),
  cwd: z.string(),
  dir: z.string(),
  produces: z.array(z.string()),
  timeoutMs: z.number(),
  memoryBytes: z.number(),
  pausable: z.boolean().default(false),
  startedAt: z.number(),
  /** Set once somebody has asked for its end. */
  cause: z.enum(END_CAUSES).nullable(),
});
export type WorkOrder = z.output<typeof workOrderSchema>;

export function orderFrom(grant: Grant, device: string, startedAt: number): WorkOrder {
  const { attempt, taskClass, cwd, dir, produces, timeoutMs, memoryBytes, pausable } = grant;
  return {
    attempt,
    taskClass,
    device,
    cwd,
    dir,
    produces,
    timeoutMs,
    memoryBytes,
    pausable,
    startedAt,
    cause: null,
  };
}

const RECORD_IDS = new WeakMap<AttemptRef, string>();

/** A file name for an attempt, whatever the task is called. */
export function recordId(attempt: AttemptRef): string {
  const known = RECORD_IDS.get(attempt) ?? nameRecord(attempt);
  RECORD_IDS.set(attempt, known);
  return known;
}

function nameRecord(attempt: AttemptRef): string {
  const task = createHash('sha256').update(attempt.task).digest('hex').slice(0, 16);
  return `${attempt.batchId}.${task}.${attempt.no}`;
}

/** In the environment of all that an attempt starts. */
export function attemptMarker(attempt: AttemptRef): Marker {
  return { name: 'DROVER_ATTEMPT', value: attemptKey(attempt) };
}
