/** The remote engine: a server that runs elsewhere, known by its address. Ties its pure parts to the port. */

import type { RemoteEngine } from '../engine.ts';
import { endpoint } from './endpoint.ts';
import { classifyHealth, healthPaths } from './health.ts';
import { parseContextSize } from './props.ts';
import { parseSlots } from './slots.ts';

export const remoteEngine: RemoteEngine = {
  kind: 'remote',
  endpoint,
  healthPaths: (spec) => healthPaths(spec.health.path),
  classifyHealth,
  parseSlots,
  parseContextSize,
  servedModel: (spec) => spec.model.id,
};
