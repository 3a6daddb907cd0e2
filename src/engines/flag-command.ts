/** The command line of an engine that is told its settings by flags, from a spec and what a launch decided. Pure. */

import type { EngineFlagId } from '../contract/engine-flags.ts';
import type { InstanceSpec } from '../contract/index.ts';
import { composeCommand, layerEnvironment, writeFlags } from './command-line.ts';
import type { FlagValues } from './command-line.ts';
import { deviceEnvironment } from './device-environment.ts';
import type { EngineCommand, LaunchContext } from './engine.ts';

/** How one such engine differs from the others. */
interface FlagDialect {
  /** Holds the key, so that it stands on no command line. */
  readonly keyVariable: string;
  /** Flags beside those that all share, or in the place of one of them. */
  readonly own: (spec: InstanceSpec, context: LaunchContext) => FlagValues;
}

/** Always explicit; what the config leaves open was decided before. Raw arguments come last, so that they win. */
export function buildFlagCommand(spec: InstanceSpec, context: LaunchContext, dialect: FlagDialect): EngineCommand {
  const { binary, key } = context;
  const values = { ...sharedFlags(spec, context), ...dialect.own(spec, context) };
  const args = [...binary.leadingArgs, ...writeFlags(values, binary.flags), ...spec.engine.args, ...spec.args];
  const devices = deviceEnvironment(context.devices);
  const env = layerEnvironment(context.environment, devices, { [dialect.keyVariable]: key }, spec.env);
  return composeCommand({ file: binary.file, args, env, shown: devices, key });
}

function sharedFlags(spec: InstanceSpec, context: LaunchContext) {
  return {
    host: spec.server.host,
    port: context.port,
    alias: spec.name,
    model: spec.model.path,
    // Both engines divide their context among the slots; ours is a slot's share.
    contextSize: spec.model.contextSize * spec.server.parallel,
    batchSize: spec.model.batchSize,
    threads: context.threads,
    parallel: spec.server.parallel,
  } satisfies Partial<Record<EngineFlagId, string | number>>;
}
