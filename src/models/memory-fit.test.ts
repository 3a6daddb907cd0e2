import { expect, test } from 'vitest';

import { estimateMemory, estimateRest } from './memory-fit.ts';

const MB = 1024 * 1024;

/** 8 GB of weights, 32 layers of 8 heads of 128: 128 KB of cache a token. */
const file = { sizeBytes: 8192 * MB, layers: 32, kvHeadsTotal: 32 * 8, keyLength: 128, valueLength: 128 };

test('a whole model: weights, cache of all slots, shares of both', () => {
  const estimate = estimateMemory({ file, contextSize: 4096, slots: 2, layers: 'all' });

  expect(estimate.weightsBytes).toBe(8192 * MB);
  expect(estimate.cacheBytes).toBe(1024 * MB);
  expect(estimate.overheadBytes).toBe(Math.ceil(9216 * 0.03 * MB));
  expect(estimate.headroomBytes).toBe(512 * MB);
  expect(estimate.totalBytes).toBe(9216 * MB + estimate.overheadBytes + estimate.headroomBytes);
});

test('half the layers take half of weights and cache', () => {
  const estimate = estimateMemory({ file, contextSize: 4096, slots: 1, layers: 16 });

  expect(estimate.weightsBytes).toBe(4096 * MB);
  expect(estimate.cacheBytes).toBe(256 * MB);
});

test('quantised keys and values take less', () => {
  const estimate = estimateMemory({
    file,
    contextSize: 4096,
    slots: 1,
    layers: 'all',
    bytesPerKey: 1,
    bytesPerValue: 1,
  });

  expect(estimate.cacheBytes).toBe(256 * MB);
});

test('the arithmetic is told line by line', () => {
  const { lines } = estimateMemory({ file, contextSize: 4096, slots: 2, layers: 16 });

  expect(lines).toEqual([
    'weights    4096 MB  8192 MB × 16/32 layers',
    'KV cache   512 MB  16 layers × 8 kv heads × (128 × 2 + 128 × 2) bytes × 4096 tokens × 2 slots',
    'overhead   256 MB  the greater of 256 MB and 3 % of 4608 MB',
    'head-room  512 MB  the greater of 512 MB and 5 % of 4608 MB',
    'total      5376 MB',
  ]);
});

test('of a model whose layers differ, the heads of all of them count', () => {
  const hybrid = { ...file, layers: 48, kvHeadsTotal: 26 };

  const estimate = estimateMemory({ file: hybrid, contextSize: 1024, slots: 1, layers: 24 });

  expect(estimate.cacheBytes).toBe(26 * 512 * 0.5 * 1024);
  expect(estimate.lines[1]).toBe(
    'KV cache   7 MB  26 kv heads × 24/48 layers × (128 × 2 + 128 × 2) bytes × 1024 tokens × 1 slot',
  );
});

test('the layers that a card does not take are the need of the CPU', () => {
  const need = { file, contextSize: 4096, slots: 1 };

  expect(estimateRest({ ...need, layers: 24 })).toEqual(estimateMemory({ ...need, layers: 8 }));
  expect([estimateRest({ ...need, layers: 'all' }), estimateRest({ ...need, layers: 99 })]).toEqual([null, null]);
});
