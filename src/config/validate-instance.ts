/**
 * Checks a well-formed config against the world: its model file, its port, its engine, its neighbours, the host. Asks
 * the world only through the checks it is given, so that `config validate` and `up` say the same.
 */

import type { ErrorCode } from '../contract/errors.ts';
import type { InstanceConfig } from '../contract/instances.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { ConfigProblem } from './problem.ts';
import { modelPathOf } from './resolve-spec.ts';

/** A problem with the catalogue code that `up` answers with. */
export interface InstanceProblem extends ConfigProblem {
  readonly code: Extract<
    ErrorCode,
    | 'CONFIG_INVALID'
    | 'MODEL_NOT_FOUND'
    | 'MODEL_FILE_MISSING'
    | 'MODEL_FILE_INVALID'
    | 'PORT_TAKEN'
    | 'ENGINE_NOT_FOUND'
  >;
}

export type ModelInspection =
  | { readonly kind: 'gguf'; readonly contextLength: number | null }
  | { readonly kind: 'missing' }
  /** `reason` completes `… is not a GGUF file: `. */
  | { readonly kind: 'invalid'; readonly reason: string };

export type PortCheck = { readonly kind: 'free' } | { readonly kind: 'taken'; readonly holder: string | null };

/** The questions asked; each answer is a fact of this moment, not a promise. */
export interface InstanceChecks {
  /** The file of a catalogue id; null when the catalogue does not know it. */
  readonly modelFile: (id: string) => Promise<string | null>;
  readonly knownModels: () => Promise<readonly string[]>;
  readonly inspectModel: (path: string) => Promise<ModelInspection>;
  /** Taken by whom, unless by this very instance. */
  readonly checkPort: (host: string, port: number) => Promise<PortCheck>;
  /** What is wrong with the engine, with the command that mends it; null when it can run. */
  readonly engineProblem: (config: InstanceConfig) => Promise<{ message: string; hint: string | null } | null>;
  /** Ports that the configs of other instances name. */
  readonly portsOfOthers: ReadonlyMap<number, string>;
  readonly cores: number;
}

/** Errors first, then warnings; empty when all is well. */
export async function validateInstance(
  file: string,
  config: InstanceConfig,
  checks: InstanceChecks,
): Promise<InstanceProblem[]> {
  const found = await Promise.all([
    modelProblems(file, config, checks),
    portProblems(file, config, checks),
    engineProblems(file, config, checks),
    Promise.resolve(threadProblems(file, config, checks.cores)),
  ]);
  const problems = found.flat();
  return [
    ...problems.filter(({ severity }) => severity === 'error'),
    ...problems.filter(({ severity }) => severity === 'warning'),
  ];
}

async function modelProblems(file: string, config: InstanceConfig, checks: InstanceChecks): Promise<InstanceProblem[]> {
  const { id } = config.model;
  const place = { file, path: id === undefined ? 'model.path' : 'model.id' };
  const path = id === undefined ? modelPathOf(config, file) : await checks.modelFile(id);
  if (path === null) return [await unknownModel(place, id ?? '', checks)];
  const model = await checks.inspectModel(path);
  if (model.kind === 'missing') return [error(place, 'MODEL_FILE_MISSING', `no model file at ${path}`, fileHint(id))];
  if (model.kind === 'invalid') {
    return [error(place, 'MODEL_FILE_INVALID', `${path} is not a GGUF file: ${model.reason}`, fileHint(id))];
  }
  return contextProblems(file, config, model.contextLength);
}

async function unknownModel(place: Place, id: string, checks: InstanceChecks): Promise<InstanceProblem> {
  const remedy = id === 'demo' ? 'run "drover models demo"' : `run "drover models register ${id} FILE"`;
  const hint = didYouMean(id, await checks.knownModels()) ?? remedy;
  return error(place, 'MODEL_NOT_FOUND', `the catalogue has no model "${id}"`, hint);
}

function fileHint(id: string | undefined): string {
  if (id === undefined) return 'give the path of a .gguf file';
  return id === 'demo' ? 'run "drover models demo"' : `run "drover models register ${id} FILE" with a .gguf file`;
}

function contextProblems(file: string, config: InstanceConfig, contextLength: number | null): InstanceProblem[] {
  const wanted = config.model.context_size;
  if (wanted === undefined || contextLength === null || wanted <= contextLength) return [];
  const message = `${wanted} tokens are more than the ${contextLength} the model was made for`;
  return [warning({ file, path: 'model.context_size' }, message, `write ${contextLength} or less`)];
}

async function portProblems(file: string, config: InstanceConfig, checks: InstanceChecks): Promise<InstanceProblem[]> {
  const { host, port } = config.server;
  if (port === undefined) return [];
  const place = { file, path: 'server.port' };
  const other = checks.portsOfOthers.get(port);
  if (other !== undefined) {
    return [
      error(place, 'CONFIG_INVALID', `${port} is also the port of instance "${other}"`, 'give each its own port'),
    ];
  }
  const answer = await checks.checkPort(host, port);
  if (answer.kind === 'free') return [];
  const holder = answer.holder === null ? 'another program' : answer.holder;
  return [error(place, 'PORT_TAKEN', `port ${port} is taken by ${holder}`, 'stop it, or choose another port')];
}

async function engineProblems(
  file: string,
  config: InstanceConfig,
  checks: InstanceChecks,
): Promise<InstanceProblem[]> {
  const problem = await checks.engineProblem(config);
  return problem === null ? [] : [error({ file, path: 'engine' }, 'ENGINE_NOT_FOUND', problem.message, problem.hint)];
}

function threadProblems(file: string, config: InstanceConfig, cores: number): InstanceProblem[] {
  const { threads } = config.model;
  if (threads === 'auto' || threads <= cores) return [];
  const message = `${threads} threads on ${cores} cores make the engine slower`;
  return [warning({ file, path: 'model.threads' }, message, `write "auto" or at most ${cores}`)];
}

interface Place {
  readonly file: string;
  readonly path: string;
}

function error(place: Place, code: InstanceProblem['code'], message: string, hint: string | null): InstanceProblem {
  return { ...place, code, message, hint, severity: 'error' };
}

function warning(place: Place, message: string, hint: string): InstanceProblem {
  return { ...place, code: 'CONFIG_INVALID', message, hint, severity: 'warning' };
}
