import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { buildDemoModel } from './demo-model.ts';
import { describeModelFile } from './gguf-header.ts';
import { parseGguf } from './gguf-parse.ts';
import { f32Tensor, writeGguf } from './gguf-writer.ts';
import type { GgufValue } from './gguf-writer.ts';

const demo = buildDemoModel();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-gguf-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Buffer | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** A tiny model with the given metadata beside its architecture. */
function model(entries: readonly (readonly [string, GgufValue])[]): Buffer {
  const architecture = ['general.architecture', { type: 'string', value: 'qwen' }] as const;
  return writeGguf(new Map([architecture, ...entries]), [f32Tensor('a', [4, 2], new Float32Array(8))]);
}

const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });

describe('a data sheet', () => {
  test('tells what the demo model is', async () => {
    const sheet = await describeModelFile(file('demo.gguf', demo));

    expect(sheet).toMatchObject({
      architecture: 'llama',
      name: 'Drover demo',
      parameters: 2_460_672,
      contextLength: 32_768,
      layers: 1,
      kvHeadsTotal: 1,
      keyLength: 64,
      vocabularySize: 1024,
      quantisation: 'Q8_0',
      hasChatTemplate: true,
    });
  });

  test('derives head sizes that the file leaves out', async () => {
    const bytes = model([
      ['qwen.block_count', uint32(2)],
      ['qwen.embedding_length', uint32(64)],
      ['qwen.attention.head_count', uint32(4)],
    ]);

    const sheet = await describeModelFile(file('plain.gguf', bytes));

    expect(sheet).toMatchObject({ keyLength: 16, valueLength: 16, kvHeadsTotal: 8, contextLength: null });
    expect(sheet.quantisation).toBe('F32');
  });

  test('adds up heads that differ from layer to layer', async () => {
    const heads = { type: 'int32s', value: [1, 0, 3] } as const;

    const sheet = await describeModelFile(file('layers.gguf', model([['qwen.attention.head_count_kv', heads]])));

    expect(sheet.kvHeadsTotal).toBe(4);
  });
});

test('of a hybrid model only every n-th layer keeps keys and values', async () => {
  const bytes = model([
    ['qwen.block_count', uint32(48)],
    ['qwen.full_attention_interval', uint32(4)],
    ['qwen.attention.head_count_kv', uint32(2)],
  ]);

  expect(await describeModelFile(file('hybrid.gguf', bytes))).toMatchObject({ layers: 48, kvHeadsTotal: 24 });
});

describe('what is no model', () => {
  test('a missing file', async () => {
    await expect(describeModelFile(join(folder, 'none.gguf'))).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
  });

  test('a folder', async () => {
    await expect(describeModelFile(folder)).rejects.toThrow('it is not a file');
  });

  test('an empty file', async () => {
    await expect(describeModelFile(file('empty.gguf', ''))).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
  });

  test('a file of another kind', async () => {
    await expect(describeModelFile(file('note.gguf', 'hello world'))).rejects.toThrow('does not begin with "GGUF"');
  });

  test('a file cut off in its header', async () => {
    const cut = demo.subarray(0, 5_000);

    await expect(describeModelFile(file('cut1.gguf', cut))).rejects.toThrow('it ends inside its header');
  });

  test('a file cut off in its weights', async () => {
    const cut = demo.subarray(0, 2_000_000);

    await expect(describeModelFile(file('cut2.gguf', cut))).rejects.toThrow(
      'it is cut off: 2000000 bytes of at least 2645',
    );
  });
});

test('no bytes make the parser fail in another way than by saying so', () => {
  const header = model([['qwen.block_count', uint32(2)]]);
  fc.assert(
    fc.property(fc.integer({ min: 4, max: header.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const broken = Buffer.from(header);
      broken.writeUInt8(value, at);
      expect(['parsed', 'more', 'invalid']).toContain(parseGguf(broken).kind);
    }),
  );
});

test('a model in parts is all of its parts, and is none without one of them', async () => {
  const first = file('m-00001-of-00002.gguf', demo);
  await expect(describeModelFile(first)).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
  file('m-00002-of-00002.gguf', demo);

  expect((await describeModelFile(first)).sizeBytes).toBe(2 * demo.length);
});
