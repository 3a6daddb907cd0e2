/** What earlier attempts of a task leave for the next: where it failed, and how often it ran out of time. */

import type { FailureClass } from '../../contract/index.ts';
import { pastFailures } from '../../store/index.ts';
import type { Db } from '../../store/index.ts';

/** A device among all hosts. */
interface Place {
  readonly host: string;
  readonly device: string;
}

export interface Past {
  /** Where an attempt failed in a way that another device might not. */
  readonly failedOn: Map<string, Place & { readonly blamed: boolean }>;
  timeouts: number;
}

export function noPast(): Past {
  return { failedOn: new Map(), timeouts: 0 };
}

/** Failures that another device may not have. */
const OF_ITS_DEVICE: ReadonlySet<FailureClass> = new Set([
  'exit_code',
  'memory',
  'timeout',
  'stuck',
  'output',
  'infrastructure',
]);

export function noteFailure(past: Past, failureClass: FailureClass, host: string, device: string | null): void {
  if (failureClass === 'timeout') past.timeouts += 1;
  if (device === null || !OF_ITS_DEVICE.has(failureClass)) return;
  const key = `${host}/${device}`;
  const blamed = failureClass !== 'infrastructure' || past.failedOn.get(key)?.blamed === true;
  past.failedOn.set(key, { host, device, blamed });
}

/** Devices of a host on which it failed. */
export function avoidedOn(past: Past, host: string): string[] {
  return [...past.failedOn.values()].filter((place) => place.host === host).map(({ device }) => device);
}

/** Devices on which the task itself failed; those that were only lost under it are not among them. */
export function blamedDevices(past: Past): string[] {
  return [...past.failedOn].filter(([, { blamed }]) => blamed).map(([key]) => key);
}

/** Factor of the time limit of the attempt that follows a timeout. */
const MORE_TIME = 1.5;

export function timeLimitMs(past: Past, timeoutMs: number): number {
  return past.timeouts > 0 ? Math.round(timeoutMs * MORE_TIME) : timeoutMs;
}

/** Who has something behind it. */
interface Tried {
  readonly id: number;
  readonly task: { readonly attempt: number };
  readonly past: Past;
}

/** Reads what these tasks have behind them. */
export async function recall(db: Db, tasks: readonly Tried[]): Promise<void> {
  const tried = new Map(tasks.filter(({ task }) => task.attempt > 0).map((known) => [known.id, known]));
  for (const row of await pastFailures(db, [...tried.keys()])) {
    const known = tried.get(row.task_id);
    if (known && row.class !== null) noteFailure(known.past, row.class, row.agent, row.device);
  }
}
