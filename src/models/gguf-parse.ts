/** Parses the head of a GGUF file: metadata and tensor table. Pure; asks for more bytes instead of guessing. */

import { GGUF_ALIGNMENT, GGUF_MAGIC, VALUE_TYPE } from './gguf-format.ts';

/** Scalars and short lists of scalars; long lists (vocabularies) only by their length. */
export type MetadataValue =
  | number
  | string
  | boolean
  | readonly number[]
  | { readonly kind: 'list'; readonly length: number };

export interface TensorEntry {
  readonly name: string;
  readonly type: number;
  readonly elements: number;
  /** Bytes from the start of the tensor data. */
  readonly offset: number;
}

export type GgufParse =
  | {
      readonly kind: 'parsed';
      readonly metadata: ReadonlyMap<string, MetadataValue>;
      readonly tensors: readonly TensorEntry[];
      /** Where the tensor data begins. */
      readonly dataStart: number;
    }
  | { readonly kind: 'more' }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Thrown inside when the bytes end; never leaves this file. */
class NeedMore extends Error {}
class Malformed extends Error {}

export function parseGguf(bytes: Buffer): GgufParse {
  try {
    return parseAll(new Cursor(bytes));
  } catch (error) {
    if (error instanceof NeedMore) return { kind: 'more' };
    if (error instanceof Malformed) return { kind: 'invalid', reason: error.message };
    throw error;
  }
}

function parseAll(cursor: Cursor): GgufParse {
  if (cursor.u32() !== GGUF_MAGIC) throw new Malformed('it does not begin with "GGUF"');
  const version = cursor.u32();
  if (version !== 2 && version !== 3) throw new Malformed(`GGUF version ${version} is not 2 or 3`);
  const tensorCount = cursor.count('tensors');
  const keyCount = cursor.count('metadata entries');
  const metadata = new Map<string, MetadataValue>();
  for (let index = 0; index < keyCount; index++) metadata.set(cursor.text(), readValue(cursor, cursor.u32()));
  const tensors: TensorEntry[] = [];
  for (let index = 0; index < tensorCount; index++) tensors.push(readTensor(cursor));
  const alignment = metadata.get('general.alignment');
  const step = typeof alignment === 'number' && alignment > 0 ? alignment : GGUF_ALIGNMENT;
  return { kind: 'parsed', metadata, tensors, dataStart: Math.ceil(cursor.at / step) * step };
}

function readTensor(cursor: Cursor): TensorEntry {
  const name = cursor.text();
  const dimensions = cursor.u32();
  if (dimensions > 8) throw new Malformed(`tensor "${name}" has ${dimensions} dimensions`);
  let elements = 1;
  for (let index = 0; index < dimensions; index++) elements *= cursor.u64();
  return { name, elements, type: cursor.u32(), offset: cursor.u64() };
}

/** Lists up to this length are kept: per-layer head counts, not vocabularies. */
const KEPT_LIST = 1024;

function readValue(cursor: Cursor, type: number): MetadataValue {
  if (type === VALUE_TYPE.string) return cursor.text();
  if (type === VALUE_TYPE.bool) return cursor.u8() !== 0;
  if (type !== VALUE_TYPE.array) return cursor.number(type);
  const of = cursor.u32();
  const length = cursor.u64();
  if (of === VALUE_TYPE.array) throw new Malformed('a list of lists');
  if (of === VALUE_TYPE.string) {
    for (let index = 0; index < length; index++) cursor.skipText();
    return { kind: 'list', length };
  }
  if (length > KEPT_LIST || of === VALUE_TYPE.bool) {
    cursor.skip(length * widthOf(of));
    return { kind: 'list', length };
  }
  return Array.from({ length }, () => cursor.number(of));
}

const WIDTHS: Readonly<Record<number, number>> = {
  [VALUE_TYPE.uint8]: 1,
  [VALUE_TYPE.int8]: 1,
  [VALUE_TYPE.bool]: 1,
  [VALUE_TYPE.uint16]: 2,
  [VALUE_TYPE.int16]: 2,
  [VALUE_TYPE.uint32]: 4,
  [VALUE_TYPE.int32]: 4,
  [VALUE_TYPE.float32]: 4,
  [VALUE_TYPE.uint64]: 8,
  [VALUE_TYPE.int64]: 8,
  [VALUE_TYPE.float64]: 8,
};

function widthOf(type: number): number {
  const width = WIDTHS[type];
  if (width === undefined) throw new Malformed(`metadata of unknown type ${type}`);
  return width;
}

/** Texts longer than this are no names or templates: the file is not what it says. */
const LONGEST_TEXT = 64 * 1024 * 1024;
const MOST_ENTRIES = 1_000_000;

/** A place in the bytes. Numbers beyond 2^53 are not exact; no file has such sizes. */
class Cursor {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skip(count: number): number {
    const from = this.at;
    if (from + count > this.#bytes.length) throw new NeedMore();
    this.at += count;
    return from;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.skip(1));
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.skip(4));
  }

  u64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.skip(8)));
  }

  count(what: string): number {
    const count = this.u64();
    if (count > MOST_ENTRIES) throw new Malformed(`it claims ${count} ${what}`);
    return count;
  }

  text(): string {
    const length = this.#textLength();
    const from = this.skip(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  skipText(): void {
    this.skip(this.#textLength());
  }

  number(type: number): number {
    const from = this.skip(widthOf(type));
    switch (type) {
      case VALUE_TYPE.uint8:
        return this.#bytes.readUInt8(from);
      case VALUE_TYPE.int8:
        return this.#bytes.readInt8(from);
      case VALUE_TYPE.uint16:
        return this.#bytes.readUInt16LE(from);
      case VALUE_TYPE.int16:
        return this.#bytes.readInt16LE(from);
      case VALUE_TYPE.uint32:
        return this.#bytes.readUInt32LE(from);
      case VALUE_TYPE.int32:
        return this.#bytes.readInt32LE(from);
      case VALUE_TYPE.float32:
        return this.#bytes.readFloatLE(from);
      case VALUE_TYPE.float64:
        return this.#bytes.readDoubleLE(from);
      case VALUE_TYPE.int64:
        return Number(this.#bytes.readBigInt64LE(from));
      default:
        return Number(this.#bytes.readBigUInt64LE(from));
    }
  }

  #textLength(): number {
    const length = this.u64();
    if (length > LONGEST_TEXT) throw new Malformed(`a text of ${length} bytes`);
    return length;
  }
}
