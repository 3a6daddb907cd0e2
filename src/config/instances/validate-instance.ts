/**
 * Checks a well-formed config against the world: its model file, its port, its engine, its neighbours, the host. Asks
 * the world only through the checks it is given, so that `config validate` and `up` say the same.
 */

import { isHandedKey } from '../../contract/engine-key.ts';
import type { InstanceConfig } from '../../contract/instance-config.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { isLoopback } from '../../kernel/loopback.ts';
import { flagProblems } from './flag-problems.ts';
import type { KnownFlags } from './flag-problems.ts';
import { error, warning } from './instance-problem.ts';
import type { InstanceProblem, Place } from './instance-problem.ts';
import { isPath, modelSourceOf } from './model-source.ts';
import type { ModelPlaces, ModelSource } from './model-source.ts';
import { engineKindOf, isConfiguredByUs, projectorOf } from './resolve-spec.ts';

export type ModelInspection =
  | { readonly kind: 'gguf'; readonly contextLength: number | null }
  | { readonly kind: 'missing' }
  /** `reason` completes `… is not a GGUF file: `. */
  | { readonly kind: 'invalid'; readonly reason: string };

type PortCheck = { readonly kind: 'free' } | { readonly kind: 'taken'; readonly holder: string | null };

export type EngineCheck =
  /** `flags`: null when the program does not tell which it knows. */
  | { readonly kind: 'found'; readonly flags: KnownFlags | null }
  | { readonly kind: 'missing'; readonly message: string; readonly hint: string | null };

/** The questions asked; each answer is a fact of this moment, not a promise. */
export interface InstanceChecks extends ModelPlaces {
  readonly knownModels: () => Promise<readonly string[]>;
  readonly inspectModel: (path: string) => Promise<ModelInspection>;
  /** Taken by whom, unless by this very instance. */
  readonly checkPort: (host: string, port: number) => Promise<PortCheck>;
  /** What is there of the engine; not asked for one that runs elsewhere. */
  readonly findEngine: (config: InstanceConfig) => Promise<EngineCheck>;
  /** Makes the instance's log folder; why nothing can be written there, or null. */
  readonly logFolderProblem: () => string | null;
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
  const startsHere = engineKindOf(config) !== 'remote';
  const found = await Promise.all([
    modelProblems(file, config, checks),
    projectorProblems(file, config, checks),
    ...(startsHere ? [portProblems(file, config, checks), engineProblems(file, config, checks)] : []),
  ]);
  return errorsFirst([...found.flat(), ...(startsHere ? hostProblems(file, config, checks) : [])]);
}

export function errorsFirst(problems: readonly InstanceProblem[]): InstanceProblem[] {
  return [
    ...problems.filter(({ severity }) => severity === 'error'),
    ...problems.filter(({ severity }) => severity === 'warning'),
  ];
}

async function modelProblems(file: string, config: InstanceConfig, checks: InstanceChecks): Promise<InstanceProblem[]> {
  const source = modelSourceOf(config, file, checks);
  const place = { file, path: config.model.id === undefined ? 'model.path' : 'model.id' };
  if (source.kind === 'unknown') return [await unknownModel(place, source.id, checks)];
  if (source.kind === 'any') return foreignModelProblems(place, config, source, checks);
  const model = await checks.inspectModel(source.path);
  const hint = fileHint(config.model.id);
  switch (model.kind) {
    case 'missing':
      return [error(place, 'MODEL_FILE_MISSING', `no model file at ${source.path}`, hint)];
    case 'invalid':
      return [error(place, 'MODEL_FILE_INVALID', `${source.path} is not a GGUF file: ${model.reason}`, hint)];
    case 'gguf':
      return contextProblems(file, config, model.contextLength);
    default:
      return model satisfies never;
  }
}

/** Of the one that the config names: what the catalogue has is looked after there. */
function projectorProblems(file: string, config: InstanceConfig, checks: InstanceChecks): readonly InstanceProblem[] {
  if (config.model.projector === undefined) return [];
  const place = { file, path: 'model.projector' };
  const path = projectorOf(config, file, []);
  if (path === null)
    return [error(place, 'CONFIG_INVALID', 'is for engines of kind "llama-server" only', 'leave it out')];
  return checks.exists(path)
    ? []
    : [error(place, 'MODEL_FILE_MISSING', `there is no projector at ${path}`, 'give the path of a .gguf file')];
}

/** What a program takes for a model is its own affair, as long as a place on disk is there. */
async function foreignModelProblems(
  place: Place,
  config: InstanceConfig,
  { path }: Extract<ModelSource, { kind: 'any' }>,
  checks: InstanceChecks,
): Promise<InstanceProblem[]> {
  if (engineKindOf(config) === 'remote') return [];
  if (isPath(path) && !checks.exists(path)) {
    return [error(place, 'MODEL_FILE_MISSING', `there is nothing at ${path}`, 'give a file, a folder or a name')];
  }
  const model = await checks.inspectModel(path);
  if (model.kind === 'gguf') return contextProblems(place.file, config, model.contextLength);
  return [warning(place, 'is no GGUF file: no memory is reserved for it', 'keep room for it on its device yourself')];
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
  const engine = await checks.findEngine(config);
  if (engine.kind === 'missing') {
    return [error({ file, path: 'engine' }, 'ENGINE_NOT_FOUND', engine.message, engine.hint)];
  }
  return engine.flags === null ? [] : flagProblems(file, config, engine.flags);
}

function hostProblems(file: string, config: InstanceConfig, checks: InstanceChecks): InstanceProblem[] {
  return [
    ...exposureProblems(file, config),
    ...threadProblems(file, config, checks.cores),
    ...logFolderProblems(file, checks),
  ];
}

function exposureProblems(file: string, config: InstanceConfig): InstanceProblem[] {
  const { engine, server, args } = config;
  const { host } = server;
  const words = [...engine.args, ...args];
  if (isLoopback(host) || isHandedKey({ kind: engine.kind, keyVariable: engine.key_env, args: words })) return [];
  const message = `${host} can be reached from other machines, and the program is handed no key`;
  const hint = 'write 127.0.0.1, or hand it the key by "engine": {"key_env": …} or {key} in its args';
  return [error({ file, path: 'server.host' }, 'CONFIG_INVALID', message, hint)];
}

function threadProblems(file: string, config: InstanceConfig, cores: number): InstanceProblem[] {
  const { threads } = config.model;
  if (threads === 'auto' || threads <= cores || !isConfiguredByUs(engineKindOf(config))) return [];
  const message = `${threads} threads on ${cores} cores make the engine slower`;
  return [warning({ file, path: 'model.threads' }, message, `write "auto" or at most ${cores}`)];
}

function logFolderProblems(file: string, checks: InstanceChecks): InstanceProblem[] {
  const problem = checks.logFolderProblem();
  return problem === null ? [] : [error({ file, path: 'logs' }, 'PERMISSION_DENIED', problem, 'make it writable')];
}
