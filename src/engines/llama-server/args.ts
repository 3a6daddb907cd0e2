/** The command line of llama-server from a spec. Pure; knows nothing of processes. */

import type { InstanceSpec } from '../../contract/index.ts';
import { deviceNames } from '../device-environment.ts';
import type { EngineCommand, LaunchContext } from '../engine.ts';
import { buildFlagCommand } from '../flag-command.ts';

export function buildCommand(spec: InstanceSpec, context: LaunchContext): EngineCommand {
  return buildFlagCommand(spec, context, { keyVariable: 'LLAMA_API_KEY', own: ownFlags });
}

function ownFlags(spec: InstanceSpec, { devices }: LaunchContext) {
  const device = deviceNames(devices);
  return {
    // its answers bear this name, whatever name was asked for
    alias: spec.model.id ?? spec.name,
    projector: spec.model.projector ?? null,
    timeout: Math.ceil(spec.server.timeoutMs / 1_000),
    layers: device === null ? 0 : layersOf(spec),
    device: device ?? 'none',
    split: spec.gpu.split,
    fit: 'off',
    metrics: true,
    slots: true,
    noUi: true,
  } as const;
}

/** `auto` is all: whether they fit was decided by the memory ledger before. A number is read by every release. */
function layersOf({ gpu }: InstanceSpec): number {
  return typeof gpu.layers === 'number' ? gpu.layers : 999;
}
