/** Whether a request may begin to wait, and when to come back if not. Pure. */

import type { Random } from '../../kernel/index.ts';
import type { RequestClass } from '../types.ts';

/** What the owner of the queue knows at the moment of the question. */
export interface QueuePicture {
  readonly waiting: number;
  /** Slots that could take the request now. */
  slotsFree(): number;
  /** Slots of the instances that serve the model, ready or not. */
  slotsTotal(): number;
  /** Smoothed duration of one request in a slot; null before the first. */
  readonly serviceMs: number | null;
  /** Id of the batch request that has waited longest; null when none does. */
  oldestBatch(): string | null;
}

/** What a full queue does: `drop-oldest-batch` makes room for interactive work. */
const QUEUE_FULL_POLICIES = ['reject', 'drop-oldest-batch'] as const;
export type QueueFullPolicy = (typeof QUEUE_FULL_POLICIES)[number];

interface AdmissionLimits {
  readonly queueLength: number;
  readonly queueFull: QueueFullPolicy;
}

type Admission =
  /** Or served at once: whoever gives the slots looks at the queue next. */
  | { readonly kind: 'queued' }
  /** In the place of another one. */
  | { readonly kind: 'displaces'; readonly victim: string; readonly retryAfterMs: number }
  | { readonly kind: 'rejected'; readonly code: 'QUEUE_FULL'; readonly retryAfterMs: number };

/** Assumed for a model that has served nothing yet. */
const FIRST_GUESS_MS = 5_000;
const SHORTEST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 600_000;
/** Rejected clients that come back together would be rejected together. */
const JITTER = 0.2;

export function admit(asker: RequestClass, queue: QueuePicture, limits: AdmissionLimits, random: Random): Admission {
  if (queue.waiting < limits.queueLength) return { kind: 'queued' };
  if (queue.waiting === 0 && queue.slotsFree() > 0) return { kind: 'queued' };
  const retryAfterMs = retryAfter(queue, random);
  const makesRoom = asker === 'interactive' && limits.queueFull === 'drop-oldest-batch';
  const victim = makesRoom ? queue.oldestBatch() : null;
  return victim === null
    ? { kind: 'rejected', code: 'QUEUE_FULL', retryAfterMs }
    : { kind: 'displaces', victim, retryAfterMs };
}

/** The time in which the slots work off what waits now, plus jitter. */
export function retryAfter(queue: Pick<QueuePicture, 'waiting' | 'slotsTotal' | 'serviceMs'>, random: Random): number {
  const serviceMs = queue.serviceMs ?? FIRST_GUESS_MS;
  const drainMs = (Math.max(1, queue.waiting) * serviceMs) / Math.max(1, queue.slotsTotal());
  const spread = drainMs * (1 + JITTER * random());
  return Math.round(Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, spread)));
}
