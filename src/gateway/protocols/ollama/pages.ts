/** The models in Ollama's shape: all that there are, those that are loaded, one of them. Pure. */

import type { InstanceReport } from '../../../contract/index.ts';
import { isoTime } from '../../../kernel/index.ts';
import type { DirectoryModel, ModelDirectory, Target } from '../../types.ts';
import { modelOf, readyReports } from '../behind-name.ts';

/** Of the protocol that is spoken here; clients compare it with what they need. */
export const OLLAMA_VERSION = '0.12.0';

type Reports = ReadonlyMap<string, Pick<InstanceReport, 'state' | 'contextSize' | 'memoryBytes'>>;

/** Some clients cannot do without an end: the time when a model is let go, far away. */
const NEVER = '2318-01-01T00:00:00Z';

export function modelTags(directory: ModelDirectory): object {
  return { models: directory.list().map((target) => tag(target, directory)) };
}

export function loadedModels(directory: ModelDirectory, reports: Reports): object {
  const models = directory.list().flatMap((target) => {
    const ready = readyReports(target, reports);
    const [first] = ready;
    if (first === undefined) return [];
    const size_vram = ready.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    return [{ ...tag(target, directory), expires_at: NEVER, size_vram, context_length: first.contextSize }];
  });
  return { models };
}

/** Null when nothing has the name. */
export function modelCard(name: string, directory: ModelDirectory, reports: Reports): object | null {
  const target = directory.resolve(name);
  if (target === null) return null;
  const model = modelOf(target, directory);
  const architecture = model.architecture ?? 'unknown';
  const context = model.contextLength ?? readyReports(target, reports)[0]?.contextSize ?? null;
  return {
    modelfile: '',
    parameters: '',
    template: '',
    license: '',
    modified_at: modifiedAt(model),
    details: details(model),
    model_info: {
      'general.architecture': architecture,
      'general.parameter_count': model.parameters ?? null,
      [`${architecture}.context_length`]: context,
    },
    capabilities: ['completion', 'tools', 'insert', 'embedding'],
  };
}

function tag(target: Target, directory: ModelDirectory): object {
  const model = modelOf(target, directory);
  return {
    name: target.name,
    model: target.name,
    modified_at: modifiedAt(model),
    size: model.sizeBytes ?? 0,
    digest: model.sha256 ?? '',
    details: details(model),
  };
}

function details({ architecture, quantisation, parameters }: DirectoryModel): object {
  const family = architecture ?? '';
  return {
    parent_model: '',
    format: 'gguf',
    family,
    families: family === '' ? [] : [family],
    parameter_size: typeof parameters === 'number' ? shortCount(parameters) : '',
    quantization_level: quantisation ?? '',
  };
}

function modifiedAt({ registeredAt }: DirectoryModel): string {
  return isoTime(registeredAt);
}

/** `7.6B`, `494M`. */
function shortCount(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)}B`;
  return `${Math.max(1, Math.round(parameters / 1e6))}M`;
}
