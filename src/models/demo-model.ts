/**
 * The demo model: a valid GGUF of the llama architecture whose weights are constructed, so that engines can be tried
 * and tested where nothing may be downloaded. Embeddings are one-hot, attention and feed-forward are zero, and the
 * output matrix holds the log-probabilities of the next token. It speaks about this project and knows nothing else.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { buildBigrams } from './demo-bigrams.ts';
import { DEMO_PROSE } from './demo-prose.ts';
import { DEMO_CHAT_TEMPLATE } from './demo-template.ts';
import { buildVocabulary } from './demo-vocabulary.ts';
import type { Vocabulary } from './demo-vocabulary.ts';
import { f32Tensor, q8Tensor, writeGguf } from './gguf-writer.ts';
import type { GgufTensor, GgufValue } from './gguf-writer.ts';

/** Tokens and embedding width alike: each token has a dimension of its own. */
const SIZE = 1024;
const HEAD = 64;
const DEMO_CONTEXT_LENGTH = 32_768;

const TOKEN_NORMAL = 1;
const TOKEN_CONTROL = 3;
const FILE_TYPE_Q8_0 = 7;

/** How much of it there is; each says the same, since what its layers add is zero, but computes as much as it has. */
export interface DemoShape {
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
}

/** Some 2 MB. */
const SMALL: DemoShape = { layers: 1, heads: 1, feedForward: 32 };

/** The file's bytes; the same ones on every machine. */
export function buildDemoModel(shape: DemoShape = SMALL): Buffer {
  const vocabulary = buildVocabulary(DEMO_PROSE, SIZE);
  return writeGguf(demoMetadata(vocabulary, shape), demoTensors(vocabulary, shape));
}

interface DemoModelFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** False when the very file was there already. */
  readonly written: boolean;
}

/** Writes the demo model to `path` unless it is there already; whole or not at all. */
export function writeDemoModel(path: string, shape: DemoShape = SMALL): DemoModelFile {
  const bytes = buildDemoModel(shape);
  const written = !existsSync(path) || !readFileSync(path).equals(bytes);
  if (written) {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, bytes, { mode: 0o600 });
    renameSync(temporary, path);
  }
  return { path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), written };
}

function uint32(value: number): GgufValue {
  return { type: 'uint32', value };
}

function string(value: string): GgufValue {
  return { type: 'string', value };
}

function zeros(name: string, columns: number, rows: number): GgufTensor {
  return q8Tensor(name, [columns, rows], new Float32Array(columns * rows));
}

function demoMetadata(vocabulary: Vocabulary, shape: DemoShape): ReadonlyMap<string, GgufValue> {
  const types = vocabulary.pieces.map((_, id) =>
    id === vocabulary.turnStart || id === vocabulary.turnEnd ? TOKEN_CONTROL : TOKEN_NORMAL,
  );
  return new Map<string, GgufValue>([
    ['general.architecture', string('llama')],
    ['general.name', string('Drover demo')],
    ['general.description', string('Constructed bigram model for trying and testing engines; it knows nothing.')],
    ['general.license', string('mit')],
    ['general.file_type', uint32(FILE_TYPE_Q8_0)],
    ['general.quantization_version', uint32(2)],
    ['llama.vocab_size', uint32(SIZE)],
    ['llama.context_length', uint32(DEMO_CONTEXT_LENGTH)],
    ['llama.embedding_length', uint32(SIZE)],
    ['llama.block_count', uint32(shape.layers)],
    ['llama.feed_forward_length', uint32(shape.feedForward)],
    ['llama.attention.head_count', uint32(shape.heads)],
    ['llama.attention.head_count_kv', uint32(shape.heads)],
    ['llama.attention.key_length', uint32(HEAD)],
    ['llama.attention.value_length', uint32(HEAD)],
    ['llama.attention.layer_norm_rms_epsilon', { type: 'float32', value: 1e-6 }],
    ['llama.rope.dimension_count', uint32(HEAD)],
    // Longest match over byte strings: words need no merge rules, and every byte has a token.
    ['tokenizer.ggml.model', string('rwkv')],
    ['tokenizer.ggml.tokens', { type: 'strings', value: vocabulary.pieces.map(escapePiece) }],
    ['tokenizer.ggml.token_type', { type: 'int32s', value: types }],
    ['tokenizer.ggml.eos_token_id', uint32(vocabulary.turnEnd)],
    ['tokenizer.ggml.eot_token_id', uint32(vocabulary.turnEnd)],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
    ['tokenizer.ggml.add_eos_token', { type: 'bool', value: false }],
    ['tokenizer.chat_template', string(DEMO_CHAT_TEMPLATE)],
  ]);
}

/** Printable ASCII stands for itself; other bytes and the backslash are escaped as this tokenizer kind reads them. */
function escapePiece(piece: string): string {
  return piece.replaceAll(/[^ -[\]-~]/g, (mark) => `\\x${mark.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function demoTensors(vocabulary: Vocabulary, shape: DemoShape): readonly GgufTensor[] {
  // A one-hot row has the norm 1/sqrt(SIZE): this scale after it makes the hot value 1 again.
  const afterNorm = new Float32Array(SIZE).fill(1 / Math.sqrt(SIZE));
  return [
    q8Tensor('token_embd.weight', [SIZE, SIZE], oneHot()),
    ...Array.from({ length: shape.layers }, (_, layer) => layerTensors(`blk.${layer}`, shape)).flat(),
    f32Tensor('output_norm.weight', [SIZE], afterNorm),
    q8Tensor('output.weight', [SIZE, SIZE], transpose(buildBigrams(DEMO_PROSE, vocabulary))),
  ];
}

function layerTensors(layer: string, { heads, feedForward }: DemoShape): readonly GgufTensor[] {
  return [
    f32Tensor(`${layer}.attn_norm.weight`, [SIZE], new Float32Array(SIZE).fill(1)),
    zeros(`${layer}.attn_q.weight`, SIZE, heads * HEAD),
    zeros(`${layer}.attn_k.weight`, SIZE, heads * HEAD),
    zeros(`${layer}.attn_v.weight`, SIZE, heads * HEAD),
    zeros(`${layer}.attn_output.weight`, heads * HEAD, SIZE),
    f32Tensor(`${layer}.ffn_norm.weight`, [SIZE], new Float32Array(SIZE).fill(1)),
    zeros(`${layer}.ffn_gate.weight`, SIZE, feedForward),
    zeros(`${layer}.ffn_up.weight`, SIZE, feedForward),
    zeros(`${layer}.ffn_down.weight`, feedForward, SIZE),
  ];
}

/** 127 is a value that Q8_0 holds exactly, and far above the norm's epsilon. */
function oneHot(): Float32Array {
  const values = new Float32Array(SIZE * SIZE);
  for (let id = 0; id < SIZE; id++) values[id * SIZE + id] = 127;
  return values;
}

/** The table has a row per previous token; the output matrix has one per next token. */
function transpose(table: Float32Array): Float32Array {
  const matrix = new Float32Array(SIZE * SIZE);
  for (let previous = 0; previous < SIZE; previous++) {
    for (let next = 0; next < SIZE; next++) matrix[next * SIZE + previous] = table[previous * SIZE + next] ?? 0;
  }
  return matrix;
}
