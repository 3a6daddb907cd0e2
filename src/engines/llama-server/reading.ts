/** What a llama-server tells of itself, and how it is read: other servers tell it in the same shape, or not at all. Pure. */

import type { EngineReader } from '../engine.ts';
import { classifyHealth, healthPaths } from './health.ts';
import { parseContextSize } from './props.ts';
import { parseSlots } from './slots.ts';

export const readAsLlamaServer: Omit<EngineReader, 'servedModel'> = {
  healthPaths: (spec) => healthPaths(spec.health.path),
  classifyHealth,
  parseSlots,
  parseContextSize,
};
