/** What a model file says of itself: the data sheet read from its GGUF header, or a clear reason why there is none. */

import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { AppError } from '../contract/errors.ts';
import { hasCode } from '../kernel/index.ts';
import { FILE_TYPES } from './gguf-format.ts';
import { parseGguf } from './gguf-parse.ts';
import type { GgufParse, MetadataValue, TensorEntry } from './gguf-parse.ts';
import { partOf } from './hub/reference.ts';
import { tensorBytes, tensorTypeName } from './tensor-types.ts';

export interface ModelFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly architecture: string;
  readonly name: string | null;
  readonly parameters: number;
  /** The longest context the model was trained for; null when the file does not tell. */
  readonly contextLength: number | null;
  readonly layers: number;
  /** Key and value heads of all layers together: some models differ from layer to layer. */
  readonly kvHeadsTotal: number;
  readonly keyLength: number;
  readonly valueLength: number;
  readonly vocabularySize: number;
  /** E.g. `Q4_K_M`; null when unknown. */
  readonly quantisation: string | null;
  readonly hasChatTemplate: boolean;
}

const FIRST_READ = 1024 * 1024;

/**
 * Reads the header of a model file. Rejects with MODEL_FILE_MISSING, or with MODEL_FILE_INVALID for a folder, another
 * kind of file, or one that was cut off. A model in parts is read whole: sizes and parameters are those of all parts.
 */
export async function describeModelFile(path: string): Promise<ModelFile> {
  const first = await readWhole(path);
  const { metadata } = first.parsed;
  const others = await Promise.all(
    partsOf(path)
      .filter((each) => each !== path)
      .map(readWhole),
  );
  const tensors = [first, ...others].flatMap(({ parsed }) => parsed.tensors);
  const sizeBytes = others.reduce((sum, other) => sum + other.sizeBytes, first.sizeBytes);
  return toModelFile(path, sizeBytes, { metadata, tensors });
}

async function readWhole(path: string): Promise<{ readonly sizeBytes: number; readonly parsed: Parsed }> {
  const sizeBytes = await fileSize(path);
  const handle = await open(path);
  try {
    const parsed = await readHeader(handle, path, sizeBytes);
    checkComplete(path, sizeBytes, parsed);
    return { sizeBytes, parsed };
  } finally {
    await handle.close();
  }
}

/** All files of a model, in the order of its parts, from the name of any of them. */
export function partsOf(path: string): readonly string[] {
  const { of } = partOf(path) ?? { of: 1 };
  if (of === 1) return [path];
  const stem = path.slice(0, -'-00001-of-00001.gguf'.length);
  const name = (number: number): string => String(number).padStart(5, '0');
  return Array.from({ length: of }, (_, at) => `${stem}-${name(at + 1)}-of-${name(of)}.gguf`);
}

function invalid(path: string, reason: string, hint: string): AppError {
  return new AppError('MODEL_FILE_INVALID', `"${path}" is no usable model: ${reason}`, {
    hint,
    detail: { path, reason },
  });
}

async function fileSize(path: string): Promise<number> {
  try {
    const info = await stat(path);
    if (info.isFile()) return info.size;
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT') && !hasCode(cause, 'ENOTDIR')) throw cause;
    throw new AppError('MODEL_FILE_MISSING', `no model file at "${path}"`, {
      cause,
      hint: 'check the path, or run "drover models demo" for a small one',
      detail: { path },
    });
  }
  throw invalid(path, 'it is not a file', 'name the .gguf file itself');
}

type Parsed = Extract<GgufParse, { kind: 'parsed' }>;

/** Reads more until the header is whole: vocabularies make it from kilobytes to tens of megabytes. */
async function readHeader(handle: FileHandle, path: string, sizeBytes: number): Promise<Parsed> {
  for (let length = Math.min(FIRST_READ, sizeBytes); ; length = Math.min(length * 4, sizeBytes)) {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    const parse = parseGguf(buffer.subarray(0, bytesRead));
    if (parse.kind === 'parsed') return parse;
    if (parse.kind === 'invalid') throw invalid(path, parse.reason, 'models are GGUF files; convert others first');
    if (length >= sizeBytes) throw invalid(path, 'it ends inside its header', 'download or copy it again');
  }
}

function checkComplete(path: string, sizeBytes: number, { tensors, dataStart }: Parsed): void {
  const needed = tensors.reduce(
    (most, tensor) => Math.max(most, dataStart + tensor.offset + (tensorBytes(tensor.type, tensor.elements) ?? 0)),
    dataStart,
  );
  if (sizeBytes >= needed) return;
  const reason = `it is cut off: ${sizeBytes} bytes of at least ${needed}`;
  throw invalid(path, reason, 'download or copy it again');
}

function toModelFile(
  path: string,
  sizeBytes: number,
  { metadata, tensors }: Pick<Parsed, 'metadata' | 'tensors'>,
): ModelFile {
  const architecture = textOf(metadata.get('general.architecture'));
  if (architecture === null) throw invalid(path, 'it names no architecture', 'use a language model, not an adapter');
  const own = (key: string): MetadataValue | undefined => metadata.get(`${architecture}.${key}`);
  const layers = numberOf(own('block_count')) ?? 0;
  const heads = numberOf(own('attention.head_count')) ?? 1;
  const headLength = Math.floor((numberOf(own('embedding_length')) ?? 0) / heads);
  return {
    path,
    sizeBytes,
    architecture,
    name: textOf(metadata.get('general.name')),
    parameters: tensors.reduce((sum, tensor) => sum + tensor.elements, 0),
    contextLength: numberOf(own('context_length')),
    layers,
    kvHeadsTotal: kvHeads(own('attention.head_count_kv') ?? heads, attentionLayers(own, layers)),
    keyLength: numberOf(own('attention.key_length')) ?? headLength,
    valueLength: numberOf(own('attention.value_length')) ?? headLength,
    vocabularySize: listLength(metadata.get('tokenizer.ggml.tokens')),
    quantisation: quantisation(metadata.get('general.file_type'), tensors),
    hasChatTemplate: metadata.has('tokenizer.chat_template'),
  };
}

/** One number for all layers with attention, or one per layer. */
function kvHeads(value: MetadataValue, layers: number): number {
  if (Array.isArray(value)) return value.reduce((sum, count) => sum + count, 0);
  return layers * (numberOf(value) ?? 1);
}

/** Hybrid models keep keys and values in every n-th layer only. */
function attentionLayers(own: (key: string) => MetadataValue | undefined, layers: number): number {
  return Math.floor(layers / Math.max(1, numberOf(own('full_attention_interval')) ?? 1));
}

/** What the file says, else the type of most of its bytes. */
function quantisation(fileType: MetadataValue | undefined, tensors: readonly TensorEntry[]): string | null {
  const said = typeof fileType === 'number' ? FILE_TYPES[fileType] : undefined;
  if (said !== undefined) return said;
  const bytesByType = new Map<number, number>();
  for (const { type, elements } of tensors) bytesByType.set(type, (bytesByType.get(type) ?? 0) + elements);
  const [commonest] = [...bytesByType].toSorted(([, a], [, b]) => b - a);
  return commonest === undefined ? null : tensorTypeName(commonest[0]);
}

function textOf(value: MetadataValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: MetadataValue | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

function listLength(value: MetadataValue | undefined): number {
  if (typeof value !== 'object') return 0;
  return value.length;
}
