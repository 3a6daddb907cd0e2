/** Whether waiting for a target makes sense: some instance of it serves, is on its way, or can be woken. Pure. */

import type { InstanceReport } from '../../contract/index.ts';
import type { DirectoryInstance, Target } from '../types.ts';
import type { WakeCall } from '../waking/wake-calls.ts';

export type Availability =
  | { readonly kind: 'available' }
  /** Nothing of it serves until somebody has got up. */
  | { readonly kind: 'asleep'; readonly call: WakeCall }
  /** Nothing of it is meant to run. */
  | { readonly kind: 'stopped'; readonly instances: readonly string[] }
  /** All that is meant to run takes nothing new. */
  | { readonly kind: 'draining'; readonly instance: string }
  /** All that is meant to run has given up. */
  | { readonly kind: 'failed'; readonly instance: string; readonly reason: string };

export type Reports = ReadonlyMap<string, Pick<InstanceReport, 'state' | 'failure'>>;

export function availabilityOf(target: Target, reports: Reports): Availability {
  const { kind, name, instances } = target;
  if (instances.some((instance) => isServing(instance, reports))) return { kind: 'available' };
  if (kind === 'model' && instances.length === 0) return { kind: 'asleep', call: { kind: 'model', name } };
  const wanted = instances.filter(({ desired }) => desired === 'running');
  const open = wanted.filter(({ drained }) => !drained);
  const [first] = open;
  if (first !== undefined) return availabilityOfIdle([first, ...open.slice(1)], reports);
  const [drained] = wanted;
  if (drained !== undefined) return { kind: 'draining', instance: drained.name };
  return { kind: 'stopped', instances: instances.map((instance) => instance.name) };
}

/** Who is called before anything of the target can serve; null when nobody is. */
export function sleeperOf(target: Target | null, reports: Reports): WakeCall | null {
  const availability = target === null ? null : availabilityOf(target, reports);
  return availability?.kind === 'asleep' ? availability.call : null;
}

/** It takes requests, or will without being called. */
function isServing({ name, desired, drained }: DirectoryInstance, reports: Reports): boolean {
  const state = reports.get(name)?.state;
  return desired === 'running' && !drained && state !== 'failed' && !isSleepy(state);
}

/** One that stops although it shall run may be on its way to sleep: a waiter keeps it from that. */
function isSleepy(state: InstanceReport['state'] | undefined): boolean {
  return state === 'asleep' || state === 'stopping';
}

/** Of instances none of which serves. */
function availabilityOfIdle(
  open: readonly [DirectoryInstance, ...(readonly DirectoryInstance[])],
  reports: Reports,
): Availability {
  const sleeper = open.find(({ name }) => isSleepy(reports.get(name)?.state));
  if (sleeper !== undefined) return { kind: 'asleep', call: { kind: 'instance', name: sleeper.name } };
  const [{ name }] = open;
  return { kind: 'failed', instance: name, reason: reports.get(name)?.failure?.message ?? 'it gave up restarting' };
}
