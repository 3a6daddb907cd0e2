/** Whether a file is a model, as an answer instead of an error. */

import { AppError } from '../contract/errors.ts';
import { describeModelFile } from './gguf-header.ts';

export type ModelInspection =
  | { readonly kind: 'gguf'; readonly contextLength: number | null }
  | { readonly kind: 'missing' }
  /** `reason` completes `… is no usable model: `. */
  | { readonly kind: 'invalid'; readonly reason: string };

export async function inspectModelFile(path: string): Promise<ModelInspection> {
  try {
    return { kind: 'gguf', contextLength: (await describeModelFile(path)).contextLength };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'MODEL_FILE_MISSING') return { kind: 'missing' };
    return { kind: 'invalid', reason: String(error.detail?.['reason'] ?? error.message) };
  }
}
