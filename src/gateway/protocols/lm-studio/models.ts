/** The models in the shape of LM Studio's own API, which clients ask for what is loaded and how long a context may be. Pure. */

import type { InstanceReport } from '../../../contract/index.ts';
import type { ModelDirectory, Target } from '../../types.ts';
import { modelOf, readyReports } from '../behind-name.ts';

type Reports = ReadonlyMap<string, Pick<InstanceReport, 'state' | 'contextSize'>>;

export function studioModels(directory: ModelDirectory, reports: Reports): object {
  return { object: 'list', data: directory.list().map((target) => row(target, directory, reports)) };
}

/** Null when nothing has the name. */
export function studioModel(name: string, directory: ModelDirectory, reports: Reports): object | null {
  const target = directory.resolve(name);
  return target === null ? null : row(target, directory, reports);
}

function row(target: Target, directory: ModelDirectory, reports: Reports): object {
  const { architecture, quantisation, contextLength } = modelOf(target, directory);
  const [loaded] = readyReports(target, reports);
  return {
    id: target.name,
    object: 'model',
    type: 'llm',
    publisher: 'drover',
    arch: architecture ?? 'unknown',
    compatibility_type: 'gguf',
    quantization: quantisation ?? 'unknown',
    state: loaded === undefined ? 'not-loaded' : 'loaded',
    max_context_length: contextLength ?? loaded?.contextSize ?? null,
    ...(loaded === undefined ? {} : { loaded_context_length: loaded.contextSize }),
  };
}
