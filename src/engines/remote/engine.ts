/** The remote engine: a server that runs elsewhere, known by its address. Ties its pure parts to the port. */

import type { RemoteEngine } from '../engine.ts';
import { readAsLlamaServer } from '../llama-server/reading.ts';
import { endpoint } from './endpoint.ts';
import { classifyHealth } from './health.ts';

export const remoteEngine: RemoteEngine = {
  ...readAsLlamaServer,
  kind: 'remote',
  endpoint,
  classifyHealth,
  servedModel: (spec) => spec.model.id,
};
