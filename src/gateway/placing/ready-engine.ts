/** Which engine answers what takes no slot of it. Pure. */

import type { ModelDirectory } from '../types.ts';
import type { EngineAddress, MirroredInstances } from './instance-mirror.ts';

export function readyEngine(
  model: string,
  models: ModelDirectory,
  instances: MirroredInstances,
  now: number,
): EngineAddress | null {
  const ready = (models.resolve(model)?.instances ?? [])
    .map((instance) => instances.candidate(instance, now, () => 0))
    .filter(({ state, suspect }) => state === 'ready' && !suspect);
  const [first] = ready.flatMap(({ name }) => instances.address(name) ?? []);
  return first ?? null;
}
