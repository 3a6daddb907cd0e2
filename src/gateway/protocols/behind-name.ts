/** What stands behind a name in the lists of models that protocols show: the entry of the catalogue, and what is ready. Pure. */

import type { InstanceReport } from '../../contract/index.ts';
import type { DirectoryModel, ModelDirectory, Target } from '../types.ts';

const UNKNOWN_MODEL: DirectoryModel = { id: '', registeredAt: 0 };

/** The catalogue's entry of what serves under the name. */
export function modelOf({ name, kind, instances }: Target, directory: ModelDirectory): DirectoryModel {
  const id = kind === 'model' ? name : (instances[0]?.modelId ?? '');
  return directory.model(id) ?? UNKNOWN_MODEL;
}

export function readyReports<R extends Pick<InstanceReport, 'state'>>(
  { instances }: Target,
  reports: ReadonlyMap<string, R>,
): readonly R[] {
  return instances.flatMap(({ name }) => reports.get(name) ?? []).filter(({ state }) => state === 'ready');
}
