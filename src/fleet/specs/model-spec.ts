/** What an instance with nothing configured but its model would be. */

import type { InstanceSpec } from '../../contract/index.ts';
import type { SpecResolver } from './spec-resolver.ts';
import { unwrittenConfig } from './unwritten-config.ts';

const NAME = 'model';

/** Rejects as resolving does: MODEL_NOT_FOUND, MODEL_FILE_…, CONFIG_INVALID. */
export function specOfModel(modelId: string, specs: Pick<SpecResolver, 'resolve'>): Promise<InstanceSpec> {
  return specs.resolve(unwrittenConfig({ name: NAME, model: { id: modelId } }), null);
}
