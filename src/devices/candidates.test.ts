/** What computes on a device, and what it has free. */

import { expect, test } from 'vitest';

import { backendFor, toCandidates } from './candidates.ts';

test('a card computes with what llama.cpp reaches it through', () => {
  expect(backendFor({ kind: 'amd', backendNames: ['Vulkan0'] })).toBe('vulkan');
  expect(backendFor({ kind: 'nvidia', backendNames: ['Vulkan0', 'CUDA1'] })).toBe('cuda');
  expect(backendFor({ kind: 'apple', backendNames: [] })).toBe('metal');
});

test('of what is promised and what is in use the greater is not free', () => {
  const base = { id: 'a', kind: 'apple' as const, backendNames: [], totalBytes: 10 };

  expect(
    toCandidates([
      { ...base, reservedBytes: 4, observedBytes: 7 },
      { ...base, reservedBytes: 4, observedBytes: null },
      { ...base, reservedBytes: 11, observedBytes: 0 },
    ]).map(({ freeBytes, unified }) => [freeBytes, unified]),
  ).toEqual([
    [3, true],
    [6, true],
    [0, true],
  ]);
});
