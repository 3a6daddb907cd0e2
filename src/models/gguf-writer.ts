/** Writes a GGUF file into a buffer: metadata, tensor table, aligned tensor data. Pure; equal input, equal bytes. */

import {
  GGUF_ALIGNMENT,
  GGUF_MAGIC,
  GGUF_VERSION,
  Q8_BLOCK,
  Q8_BLOCK_BYTES,
  TENSOR_TYPE,
  VALUE_TYPE,
} from './gguf-format.ts';

export type GgufValue =
  | { readonly type: 'uint32' | 'int32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s'; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  readonly type: keyof typeof TENSOR_TYPE;
  /** Fastest-running dimension first. */
  readonly shape: readonly number[];
  readonly data: Buffer;
}

export function writeGguf(metadata: ReadonlyMap<string, GgufValue>, tensors: readonly GgufTensor[]): Buffer {
  const header = [u32(GGUF_MAGIC), u32(GGUF_VERSION), u64(tensors.length), u64(metadata.size)];
  const entries = [...metadata].map(([key, value]) => Buffer.concat([text(key), metadataValue(value)]));
  const table: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const dimensions = tensor.shape.map(u64);
    table.push(
      Buffer.concat([
        text(tensor.name),
        u32(tensor.shape.length),
        ...dimensions,
        u32(TENSOR_TYPE[tensor.type]),
        u64(offset),
      ]),
    );
    const padded = pad(tensor.data);
    data.push(padded);
    offset += padded.length;
  }
  return Buffer.concat([pad(Buffer.concat([...header, ...entries, ...table])), ...data]);
}

function pad(buffer: Buffer): Buffer {
  const missing = (GGUF_ALIGNMENT - (buffer.length % GGUF_ALIGNMENT)) % GGUF_ALIGNMENT;
  return missing === 0 ? buffer : Buffer.concat([buffer, Buffer.alloc(missing)]);
}

function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function i32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32LE(value);
  return buffer;
}

function f32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}

function metadataValue(value: GgufValue): Buffer {
  switch (value.type) {
    case 'uint32':
      return Buffer.concat([u32(VALUE_TYPE.uint32), u32(value.value)]);
    case 'int32':
      return Buffer.concat([u32(VALUE_TYPE.int32), i32(value.value)]);
    case 'float32':
      return Buffer.concat([u32(VALUE_TYPE.float32), f32(value.value)]);
    case 'bool':
      return Buffer.concat([u32(VALUE_TYPE.bool), Buffer.from([value.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([u32(VALUE_TYPE.string), text(value.value)]);
    case 'strings':
      return Buffer.concat([...listHead('string', value.value.length), ...value.value.map(text)]);
    case 'int32s':
      return Buffer.concat([...listHead('int32', value.value.length), ...value.value.map(i32)]);
    default:
      return value satisfies never;
  }
}

function listHead(of: 'string' | 'int32', length: number): Buffer[] {
  return [u32(VALUE_TYPE.array), u32(VALUE_TYPE[of]), u64(length)];
}

export function f32Tensor(name: string, shape: readonly number[], values: Float32Array): GgufTensor {
  const data = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => data.writeFloatLE(value, index * 4));
  return { name, type: 'F32', shape, data };
}

/** Blocks of 32 values with one half-float scale. The first dimension must be a multiple of 32. */
export function q8Tensor(name: string, shape: readonly number[], values: Float32Array): GgufTensor {
  const data = Buffer.alloc((values.length / Q8_BLOCK) * Q8_BLOCK_BYTES);
  for (let block = 0; block < values.length / Q8_BLOCK; block++) {
    const from = block * Q8_BLOCK;
    writeQ8Block(data, block * Q8_BLOCK_BYTES, values.subarray(from, from + Q8_BLOCK));
  }
  return { name, type: 'Q8_0', shape, data };
}

function writeQ8Block(data: Buffer, at: number, values: Float32Array): void {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return; // a fresh buffer is zero already
  const scale = halfToNumber(numberToHalf(largest / 127));
  data.writeUInt16LE(numberToHalf(scale), at);
  values.forEach((value, index) => {
    const step = Math.max(-127, Math.min(127, Math.round(value / scale)));
    data.writeInt8(step, at + 2 + index);
  });
}

/** Rounds a non-negative number to a normal half float, as bits; what is too small for one becomes 0. */
function numberToHalf(value: number): number {
  if (value < 2 ** -14) return 0;
  const rough = Math.floor(Math.log2(value));
  const exponent = 2 ** rough > value ? rough - 1 : rough;
  const mantissa = Math.round((value / 2 ** exponent - 1) * 1024);
  return mantissa === 1024 ? (exponent + 16) << 10 : ((exponent + 15) << 10) | mantissa;
}

function halfToNumber(bits: number): number {
  return bits === 0 ? 0 : 2 ** ((bits >> 10) - 15) * (1 + (bits & 1023) / 1024);
}
