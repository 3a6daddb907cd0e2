/**
 * All that can be said against an instance's config without a daemon: its shape, its model file, its engine, its
 * neighbours. The catalogue, the ports in use and the memory are the daemon's to judge, at `up`.
 */

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { engineKindOf, logFolderProblem, portsOfOtherInstances, validateInstance } from '../../../config/index.ts';
import type {
  ConfigProblem,
  EngineCheck,
  InstanceChecks,
  LoadedInstance,
  ModelInspection,
} from '../../../config/index.ts';
import { AppError } from '../../../contract/errors.ts';
import type { InstanceConfig } from '../../../contract/instance-config.ts';
import type { CliContext } from '../../context.ts';

/** Stands for the file of a catalogue id, which is taken at its word. */
const CATALOGUED = '(catalogue)';

export async function instanceProblems(context: CliContext, loaded: LoadedInstance): Promise<readonly ConfigProblem[]> {
  const { paths } = context;
  if (loaded.kind === 'absent') return [missingConfig(loaded.file)];
  if (loaded.kind === 'invalid') return loaded.problems;
  const { logFiles } = await import('../../../instances/index.ts');
  const checks: InstanceChecks = {
    catalogue: () => CATALOGUED,
    exists: (path) => path === CATALOGUED || existsSync(path),
    knownModels: () => Promise.resolve([]),
    inspectModel,
    checkPort: () => Promise.resolve({ kind: 'free' }),
    findEngine: (config) => findEngine(context, config),
    logFolderProblem: () => logFolderProblem(logFiles(paths.home, loaded.config.name).folder),
    portsOfOthers: portsOfOtherInstances(paths.home, loaded.config.name),
    cores: availableParallelism(),
  };
  const beyondShape = await validateInstance(loaded.file, loaded.config, checks);
  return [...beyondShape.map(({ code: _code, ...problem }) => problem), ...loaded.warnings];
}

function missingConfig(file: string): ConfigProblem {
  return {
    file,
    path: '',
    message: 'the folder has no config.json',
    hint: 'write one, or remove the folder',
    severity: 'error',
  };
}

async function inspectModel(path: string): Promise<ModelInspection> {
  if (path === CATALOGUED) return { kind: 'gguf', contextLength: null };
  const { inspectModelFile } = await import('../../../models/index.ts');
  return inspectModelFile(path);
}

/** By the environment of this command; the daemon's may be another one. */
async function findEngine({ paths, env, signal }: CliContext, config: InstanceConfig): Promise<EngineCheck> {
  const { createEngines } = await import('../../../engines/index.ts');
  const engine = createEngines({ home: paths.home, environment: env })[engineKindOf(config)];
  if (engine.kind === 'remote') return { kind: 'found', flags: null };
  const { path, args } = config.engine;
  const gpu = { backend: 'cpu' as const, devices: [], layers: 0, split: 'none' as const };
  try {
    const wanted = { engine: { kind: engine.kind, args, ...(path === undefined ? {} : { path }) }, gpu };
    return { kind: 'found', flags: (await engine.locate(wanted, signal)).flags };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'missing', message: error.message, hint: error.hint ?? null };
    throw error;
  }
}
