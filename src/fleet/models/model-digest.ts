/** Names the content behind a model's name: what a result depends on that a model has made. */

import type { ModelDirectory } from '../../gateway/index.ts';
import type { ModelRegistry } from './model-registry.ts';

/** Id with the checksum of its file, or else with its place and size; null for a name that the catalogue knows nothing of. */
export function modelDigest(name: string, names: ModelDirectory, models: ModelRegistry): string | null {
  const target = names.resolve(name);
  const id = target?.kind === 'model' ? target.name : target?.instances[0]?.modelId;
  const record = models.known().get(id ?? '');
  if (!record) return null;
  return `${record.id} ${record.sha256 ?? `${record.path} ${record.sizeBytes}`}`;
}
