/** What is reported of an attempt that has ended. Pure. */

import type { Grant, Outcome } from '../../contract/index.ts';
import type { Ending } from '../../kernel/index.ts';
import { orderFrom } from './work-order.ts';
import type { EndCause, WorkOrder } from './work-order.ts';

interface Remains {
  readonly epoch: number;
  readonly missing: readonly string[];
  readonly peakMemoryBytes: number | null;
  readonly tail: string;
}

/** A cause that was set before the end outweighs how the process ended. */
export function concludeAttempt(order: WorkOrder, ending: Ending, remains: Remains): Outcome {
  return {
    attempt: order.attempt,
    epoch: remains.epoch,
    result: order.cause === null ? RESULT_OF_ENDING[ending.kind] : RESULT_OF_CAUSE[order.cause],
    exitCode: ending.kind === 'exited' ? ending.code : null,
    signal: ending.kind === 'signalled' ? ending.signal : null,
    missing: [...remains.missing],
    device: order.device,
    startedAt: order.startedAt,
    endedAt: ending.at,
    peakMemoryBytes: remains.peakMemoryBytes,
    tail: order.cause === 'device_lost' ? `${order.device} was lost` : remains.tail,
  };
}

/** Nothing ran: the folder could not be made or the program could not be launched. */
export function concludeUnlaunched(order: WorkOrder, reason: string, epoch: number, at: number): Outcome {
  const remains = { epoch, missing: [], peakMemoryBytes: null, tail: reason };
  const outcome = concludeAttempt(order, { kind: 'lost', at }, remains);
  return order.cause === null ? { ...outcome, result: 'spawn_failed' } : outcome;
}

/** It waited for a device when it was cancelled. */
export function concludeUnstarted(grant: Grant, epoch: number, at: number): Outcome {
  const order = { ...orderFrom(grant, '', at), cause: 'cancelled' as const };
  return concludeUnlaunched(order, 'cancelled before it was started', epoch, at);
}

/** Its command is forbidden, or waits for a person; one that was to end anyway just ended. */
export function concludeBlocked(unlaunched: Outcome, asks: readonly string[]): Outcome {
  if (unlaunched.result !== 'spawn_failed') return unlaunched;
  return { ...unlaunched, result: 'blocked', ...(asks.length === 0 ? {} : { asks: [...asks] }) };
}

const RESULT_OF_ENDING: Readonly<Record<Ending['kind'], Outcome['result']>> = {
  exited: 'exited',
  signalled: 'signalled',
  lost: 'lost',
};

const RESULT_OF_CAUSE: Readonly<Record<EndCause, Outcome['result']>> = {
  timed_out: 'timed_out',
  cancelled: 'cancelled',
  revoked: 'cancelled',
  stopped: 'lost',
  device_lost: 'lost',
};
