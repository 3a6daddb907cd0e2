/** How many slots of ready instances serve a model, and why there are none. A picture for the brain; it gates nothing. */

import type { ModelCapacity } from '../brain/index.ts';
import type { InstanceReport } from '../contract/index.ts';
import type { DirectoryInstance, ModelDirectory } from '../gateway/index.ts';

export function modelCapacity(
  model: string,
  names: ModelDirectory,
  reports: ReadonlyMap<string, InstanceReport>,
): ModelCapacity {
  const target = names.resolve(model);
  if (!target) return { slots: 0, reason: `nothing is named "${model}"` };
  const ready = target.instances.map(({ name }) => reports.get(name)).filter((report) => report?.state === 'ready');
  const slots = ready.reduce((sum, report) => sum + (report?.slotsTotal ?? 0), 0);
  return { slots, reason: slots > 0 ? null : whyNone(model, target.instances, reports) };
}

function whyNone(
  model: string,
  instances: readonly DirectoryInstance[],
  reports: ReadonlyMap<string, InstanceReport>,
): string {
  const [first] = instances;
  if (!first) return `no instance serves "${model}"; run "drover init NAME -m ${model}" and "drover up NAME"`;
  if (instances.every(({ desired }) => desired === 'stopped')) return `${first.name} is stopped; run "drover up ${first.name}"`;
  const states = instances.map(({ name }) => `${name} is ${reports.get(name)?.state ?? 'not reported yet'}`);
  return states.join(', ');
}
