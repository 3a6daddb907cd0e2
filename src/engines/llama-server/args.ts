/** The command line of llama-server from a spec: one typed flag table. Pure; knows nothing of processes. */

import type { InstanceSpec } from '../../contract/index.ts';
import { composeCommand, layerEnvironment, writeFlags } from '../command-line.ts';
import type { FlagRow } from '../command-line.ts';
import { deviceEnvironment, deviceNames } from '../device-environment.ts';
import type { EngineCommand, LaunchContext } from '../engine.ts';

interface Launch {
  readonly spec: InstanceSpec;
  readonly context: LaunchContext;
}

/** `auto` is all: whether they fit was decided by the memory ledger before, and `--fit` is off. */
function gpuLayers({ spec, context }: Launch): number {
  if (deviceNames(context.devices) === null) return 0;
  return typeof spec.gpu.layers === 'number' ? spec.gpu.layers : 999;
}

const FLAGS: readonly FlagRow<Launch>[] = [
  { flag: '--host', value: ({ spec }) => spec.server.host },
  { flag: '--port', value: ({ context }) => context.port },
  { flag: '--alias', value: ({ spec }) => spec.name },
  { flag: '--model', value: ({ spec }) => spec.model.path },
  // llama-server divides its context among the slots; ours is a slot's share.
  { flag: '--ctx-size', value: ({ spec }) => spec.model.contextSize * spec.server.parallel },
  { flag: '--batch-size', value: ({ spec }) => spec.model.batchSize },
  { flag: '--threads', value: ({ context }) => context.threads },
  { flag: '--parallel', value: ({ spec }) => spec.server.parallel },
  { flag: '--gpu-layers', value: gpuLayers },
  { flag: '--device', value: ({ context }) => deviceNames(context.devices) ?? 'none' },
  { flag: '--split-mode', value: ({ spec }) => spec.gpu.split },
  { flag: '--fit', value: () => 'off', ifKnown: true },
  { flag: '--metrics', value: () => true, ifKnown: true },
  { flag: '--slots', value: () => true, ifKnown: true },
  { flag: '--no-ui', value: () => true, ifKnown: true },
];

/** Raw arguments come last, so that they win. The key travels in the environment, where `ps` does not show it. */
export function buildCommand(spec: InstanceSpec, context: LaunchContext): EngineCommand {
  const flags = writeFlags(FLAGS, { spec, context }, context.binary.flags);
  const args = [...context.binary.leadingArgs, ...flags, ...spec.engine.args, ...spec.args];
  const devices = deviceEnvironment(context.devices);
  const env = layerEnvironment(context.environment, devices, { LLAMA_API_KEY: context.key }, spec.env);
  return composeCommand({ file: context.binary.file, args, env, shown: devices, key: context.key });
}
