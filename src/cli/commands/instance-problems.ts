/**
 * All that can be said against an instance's config without a daemon: its shape, its model file, its neighbours. The
 * catalogue, the ports in use and the engines are the daemon's to judge, at `up`.
 */

import { availableParallelism } from 'node:os';

import { portsOfOtherInstances, validateInstance } from '../../config/index.ts';
import type { ConfigProblem, InstanceChecks, LoadedInstance, ModelInspection } from '../../config/index.ts';
import type { CliContext } from '../context.ts';

/** Stands for the file of a catalogue id, which is taken at its word. */
const CATALOGUED = '(catalogue)';

export async function instanceProblems(
  { paths }: CliContext,
  loaded: LoadedInstance,
): Promise<readonly ConfigProblem[]> {
  if (loaded.kind === 'absent') return [missingConfig(loaded.file)];
  if (loaded.kind === 'invalid') return loaded.problems;
  const checks: InstanceChecks = {
    modelFile: () => Promise.resolve(CATALOGUED),
    knownModels: () => Promise.resolve([]),
    inspectModel,
    checkPort: () => Promise.resolve({ kind: 'free' }),
    engineProblem: () => Promise.resolve(null),
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
  const { inspectModelFile } = await import('../../models/index.ts');
  return inspectModelFile(path);
}
