/**
 * All that can be said against an instance's config without a daemon: its shape, its model file, its neighbours. The
 * catalogue, the ports in use and the engines are the daemon's to judge, at `up`.
 */

import { availableParallelism } from 'node:os';

import { listInstanceNames, loadInstance, validateInstance } from '../../config/index.ts';
import type { ConfigProblem, InstanceChecks, LoadedInstance, ModelInspection } from '../../config/index.ts';
import { AppError } from '../../contract/errors.ts';
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
    portsOfOthers: portsOfOthers(paths.home, loaded.config.name),
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
  const { describeModelFile } = await import('../../models/index.ts');
  try {
    return { kind: 'gguf', contextLength: (await describeModelFile(path)).contextLength };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'MODEL_FILE_MISSING') return { kind: 'missing' };
    return { kind: 'invalid', reason: String(error.detail?.['reason'] ?? error.message) };
  }
}

function portsOfOthers(home: string, name: string): ReadonlyMap<number, string> {
  const others = listInstanceNames(home).filter((other) => other !== name);
  return new Map(
    others.flatMap((other) => {
      const loaded = loadInstance(home, other);
      const port = loaded.kind === 'ok' ? loaded.config.server.port : undefined;
      return port === undefined ? [] : [[port, other] as const];
    }),
  );
}
