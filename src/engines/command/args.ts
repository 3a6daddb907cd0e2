/** The command lines of a program that the config names: its own arguments with our values in their places. Pure. */

import type { InstanceSpec } from '../../contract/index.ts';
import { composeCommand, layerEnvironment } from '../command-line.ts';
import { deviceEnvironment } from '../device-environment.ts';
import type { EngineCommand, LaunchContext, RunningContext } from '../engine.ts';

export function buildCommand(spec: InstanceSpec, context: LaunchContext): EngineCommand {
  const devices = deviceEnvironment(context.devices);
  return compose(spec, context, {
    file: context.binary.file,
    args: [...context.binary.leadingArgs, ...spec.engine.args, ...spec.args],
    devices,
  });
}

export function stopCommand(spec: InstanceSpec, context: RunningContext): EngineCommand | null {
  const [file, ...args] = spec.engine.stopCommand ?? [];
  return file === undefined ? null : compose(spec, context, { file, args, devices: {} });
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly devices: Readonly<Record<string, string>>;
}

function compose(spec: InstanceSpec, context: RunningContext, { file, args, devices }: Program): EngineCommand {
  const { keyEnv } = spec.engine;
  const keyLayer = keyEnv === undefined ? {} : { [keyEnv]: context.key };
  const env = layerEnvironment(context.environment, devices, keyLayer, spec.env);
  const filled = args.map((arg) => fill(arg, spec, context));
  return composeCommand({ file, args: filled, env, shown: devices, key: context.key });
}

/** Other words in braces are the program's own. */
function fill(arg: string, spec: InstanceSpec, { port, key }: RunningContext): string {
  const values: Readonly<Record<string, string>> = {
    host: spec.server.host,
    port: String(port),
    model: spec.model.path,
    name: spec.name,
    key: key ?? '',
  };
  return arg.replaceAll(/\{(host|port|model|name|key)\}/g, (whole, name: string) => values[name] ?? whole);
}
