/** What is said of a pool by what its instances do. Pure. */

import type { PoolMember, PoolStatus } from '../../contract/index.ts';

/** An instance with what is wanted of it. */
export interface Member extends PoolMember {
  readonly isWanted: boolean;
}

const COMING: ReadonlySet<PoolMember['status']> = new Set(['starting', 'loading', 'backoff', 'unhealthy']);

/** A model without instances is loaded by the next request, as one that sleeps. */
export function poolStatus(members: readonly Member[]): PoolStatus {
  const wanted = members.filter(({ isWanted }) => isWanted);
  if (wanted.length === 0) return members.length === 0 ? 'asleep' : 'stopped';
  const open = wanted.filter(({ draining }) => !draining);
  if (open.length === 0) return 'draining';
  const serving = open.filter(serves);
  if (serving.length > 0) return open.every((one) => serves(one) || one.status === 'asleep') ? 'ready' : 'degraded';
  if (open.some(({ status }) => COMING.has(status))) return 'loading';
  return open.some(({ status }) => status === 'asleep' || status === 'stopping') ? 'asleep' : 'failed';
}

/** Of those that are ready: what a drained one still runs is not done yet. */
export function slotsOf(members: readonly PoolMember[]): PoolMember['slots'] {
  const ready = members.filter(({ status }) => status === 'ready').map(({ slots }) => slots);
  return {
    busy: ready.reduce((sum, { busy }) => sum + busy, 0),
    total: ready.reduce((sum, { total }) => sum + total, 0),
  };
}

function serves({ status, breaker, draining }: PoolMember): boolean {
  return status === 'ready' && breaker !== 'open' && !draining;
}
