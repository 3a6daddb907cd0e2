/** All that is known of a model: its entry, what its file says of itself, and the devices it would fit. */

import type { DeviceReport, ModelDetailView, ModelView } from '../../contract/index.ts';
import { toCandidates } from '../../devices/index.ts';
import { describeModelFile, estimateMemory } from '../../models/index.ts';
import type { ModelFile } from '../../models/index.ts';

/** A context that most conversations need. */
const USUAL_CONTEXT = 4_096;

/** A model whose file cannot be read has an entry and no more. */
export async function modelDetail(model: ModelView, devices: readonly DeviceReport[]): Promise<ModelDetailView> {
  const file = model.path === '' ? null : await describeModelFile(model.path).catch(() => null);
  return {
    ...model,
    name: file?.name ?? null,
    layers: file?.layers ?? null,
    vocabulary_size: file?.vocabularySize ?? null,
    has_chat_template: file?.hasChatTemplate ?? null,
    fits: file === null ? [] : fitsOf(file, devices),
  };
}

function fitsOf(file: ModelFile, devices: readonly DeviceReport[]): ModelDetailView['fits'] {
  const contextSize = Math.min(file.contextLength ?? USUAL_CONTEXT, USUAL_CONTEXT);
  const needed = estimateMemory({ file, contextSize, slots: 1, layers: 'all' }).totalBytes;
  return toCandidates(devices).map(({ id, freeBytes }) => ({
    device: id,
    fits: needed <= freeBytes,
    needed_bytes: needed,
    free_bytes: freeBytes,
    context_size: contextSize,
  }));
}
