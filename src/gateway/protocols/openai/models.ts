/** The model list in OpenAI's shape, with what we know beside: kind, loaded or not, by which instances. Pure. */

import type { InstanceReport } from '../../../contract/index.ts';
import type { ModelDirectory, Target } from '../../types.ts';

interface OpenAiModel {
  readonly id: string;
  readonly object: 'model';
  /** Seconds since the epoch; 0 for names that are no catalogue ids. */
  readonly created: number;
  readonly owned_by: 'drover';
  readonly kind: Target['kind'];
  /** True when an instance of it is ready now. */
  readonly loaded: boolean;
  readonly instances: readonly { readonly name: string; readonly desired: string; readonly status: string }[];
}

type Reports = ReadonlyMap<string, Pick<InstanceReport, 'state'>>;

export function listModels(
  directory: ModelDirectory,
  reports: Reports,
): { readonly object: 'list'; readonly data: readonly OpenAiModel[] } {
  return { object: 'list', data: directory.list().map((target) => describe(target, directory, reports)) };
}

/** Null when nothing has the name. */
export function describeModel(name: string, directory: ModelDirectory, reports: Reports): OpenAiModel | null {
  const target = directory.resolve(name);
  return target === null ? null : describe(target, directory, reports);
}

function describe(target: Target, directory: ModelDirectory, reports: Reports): OpenAiModel {
  const instances = target.instances.map(({ name, desired }) => {
    return { name, desired, status: reports.get(name)?.state ?? 'stopped' };
  });
  return {
    id: target.name,
    object: 'model',
    created: Math.floor((directory.model(target.name)?.registeredAt ?? 0) / 1_000),
    owned_by: 'drover',
    kind: target.kind,
    loaded: instances.some((instance) => instance.status === 'ready'),
    instances,
  };
}
