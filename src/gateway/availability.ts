/** Whether waiting for a target makes sense: some instance of it serves or is on its way. Pure. */

import type { InstanceReport } from '../contract/index.ts';
import type { Target } from './types.ts';

export type Availability =
  | { readonly kind: 'available' }
  /** Nothing of it is meant to run. */
  | { readonly kind: 'stopped'; readonly instances: readonly string[] }
  /** All that is meant to run has given up. */
  | { readonly kind: 'failed'; readonly instance: string; readonly reason: string };

export type Reports = ReadonlyMap<string, Pick<InstanceReport, 'state' | 'failure'>>;

export function availabilityOf(target: Target, reports: Reports): Availability {
  const wanted = target.instances.filter((instance) => instance.desired === 'running');
  if (wanted.length === 0) return { kind: 'stopped', instances: target.instances.map((instance) => instance.name) };
  const failed = wanted.filter((instance) => reports.get(instance.name)?.state === 'failed');
  const [first] = failed;
  if (first === undefined || failed.length < wanted.length) return { kind: 'available' };
  const reason = reports.get(first.name)?.failure?.message ?? 'it gave up restarting';
  return { kind: 'failed', instance: first.name, reason };
}
