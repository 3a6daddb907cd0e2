/** What waits, and which tier it stands in as time goes by. Pure. */

import type { RequestClass } from '../types.ts';

export interface Waiting {
  readonly id: string;
  /** Lanes of one group share their fair shares and their bound: usually the lanes of one model. */
  readonly group: string;
  readonly lane: string;
  /** The name that was asked for; one in all of a lane. */
  readonly model: string;
  readonly key: string;
  readonly class: RequestClass;
  /** Estimated cost in tokens, charged to the key when the request is taken. */
  readonly cost: number;
  /** Milliseconds of one clock, as everything here. A request that comes back keeps its first arrival. */
  readonly arrivedAt: number;
  readonly expiresAt: number | null;
}

export interface QueuePolicy {
  readonly promoteAfterMs: number;
  readonly maximumWaitMs: number;
}

/** `0` overdue, `1` interactive or promoted, `2` batch. */
export type Tier = 0 | 1 | 2;

function interactiveSince(request: Waiting, policy: QueuePolicy): number {
  return request.class === 'interactive' ? request.arrivedAt : request.arrivedAt + policy.promoteAfterMs;
}

export function tierAt(request: Waiting, now: number, policy: QueuePolicy): Tier {
  const since = interactiveSince(request, policy);
  if (now >= since + policy.maximumWaitMs) return 0;
  return now >= since ? 1 : 2;
}

export function changeAfter(request: Waiting, tier: Tier, policy: QueuePolicy): number {
  const since = interactiveSince(request, policy);
  const next = { 0: Infinity, 1: since + policy.maximumWaitMs, 2: since }[tier];
  return Math.min(next, request.expiresAt ?? Infinity);
}

export function isExpired(request: Waiting, now: number): boolean {
  return request.expiresAt !== null && now >= request.expiresAt;
}
