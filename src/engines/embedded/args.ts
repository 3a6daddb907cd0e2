/** The command line of our own engine worker from a spec. Pure; the worker reads it in `worker/options.ts`. */

import type { InstanceSpec } from '../../contract/index.ts';
import { deviceNames } from '../device-environment.ts';
import type { EngineCommand, LaunchContext } from '../engine.ts';
import { buildFlagCommand } from '../flag-command.ts';

export function buildCommand(spec: InstanceSpec, context: LaunchContext): EngineCommand {
  return buildFlagCommand(spec, context, { keyVariable: 'DROVER_ENGINE_KEY', own: ownFlags });
}

function ownFlags({ gpu }: InstanceSpec, { devices }: LaunchContext) {
  return { backend: gpu.backend, layers: deviceNames(devices) === null ? 0 : gpu.layers };
}
