/** The config of an instance that nobody has written one for: whatever is wrong with it lies in no file. Pure. */

import { instanceConfigSchema } from '../../contract/index.ts';
import type { InstanceConfigInput } from '../../contract/index.ts';
import type { UsableConfig } from './spec-resolver.ts';

export function unwrittenConfig(input: InstanceConfigInput): UsableConfig {
  const config = instanceConfigSchema.parse(input);
  const { id, path } = config.model;
  return { kind: 'ok', file: `an instance of ${id ?? path}`, config, warnings: [] };
}
