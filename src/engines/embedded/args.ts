/** The command line of our own engine worker from a spec. Pure; the worker reads the same flags in `worker-options.ts`. */

import type { InstanceSpec } from '../../contract/index.ts';
import { composeCommand, layerEnvironment, writeFlags } from '../command-line.ts';
import type { FlagRow } from '../command-line.ts';
import { deviceEnvironment, deviceNames } from '../device-environment.ts';
import type { EngineCommand, LaunchContext } from '../engine.ts';

interface Launch {
  readonly spec: InstanceSpec;
  readonly context: LaunchContext;
}

function gpuLayers({ spec, context }: Launch): string | number {
  return deviceNames(context.devices) === null ? 0 : spec.gpu.layers;
}

const FLAGS: readonly FlagRow<Launch>[] = [
  { flag: '--host', value: ({ spec }) => spec.server.host },
  { flag: '--port', value: ({ context }) => context.port },
  { flag: '--alias', value: ({ spec }) => spec.name },
  { flag: '--model', value: ({ spec }) => spec.model.path },
  // As in llama-server, the worker's context is divided among its slots; ours is a slot's share.
  { flag: '--ctx-size', value: ({ spec }) => spec.model.contextSize * spec.server.parallel },
  { flag: '--batch-size', value: ({ spec }) => spec.model.batchSize },
  { flag: '--threads', value: ({ context }) => context.threads },
  { flag: '--parallel', value: ({ spec }) => spec.server.parallel },
  { flag: '--backend', value: ({ spec }) => spec.gpu.backend },
  { flag: '--gpu-layers', value: gpuLayers },
];

/** Raw arguments come last, so that they win. The key travels in the environment, where `ps` does not show it. */
export function buildCommand(spec: InstanceSpec, context: LaunchContext): EngineCommand {
  const flags = writeFlags(FLAGS, { spec, context }, context.binary.flags);
  const args = [...context.binary.leadingArgs, ...flags, ...spec.engine.args, ...spec.args];
  const devices = deviceEnvironment(context.devices);
  const env = layerEnvironment(context.environment, devices, { DROVER_ENGINE_KEY: context.key }, spec.env);
  return composeCommand({ file: context.binary.file, args, env, shown: devices, key: context.key });
}
