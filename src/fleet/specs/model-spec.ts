/** What an instance with nothing configured but its model would be. */

import { instanceConfigFile } from '../../config/index.ts';
import { instanceConfigSchema } from '../../contract/index.ts';
import type { InstanceSpec } from '../../contract/index.ts';
import type { SpecResolver } from './spec-resolver.ts';

interface ModelSpecDeps {
  readonly home: string;
  readonly specs: Pick<SpecResolver, 'resolve'>;
}

const NAME = 'model';

/** Rejects as resolving does: MODEL_NOT_FOUND, MODEL_FILE_…, CONFIG_INVALID. */
export function specOfModel(modelId: string, { home, specs }: ModelSpecDeps): Promise<InstanceSpec> {
  const config = instanceConfigSchema.parse({ name: NAME, model: { id: modelId } });
  return specs.resolve({ kind: 'ok', file: instanceConfigFile(home, NAME), config, warnings: [] }, null);
}
