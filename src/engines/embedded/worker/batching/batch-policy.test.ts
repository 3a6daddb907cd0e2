import fc from 'fast-check';
import { expect, test } from 'vitest';

import { chooseSlot, nextPromptBudget, shareBatch } from './batch-policy.ts';

test('the slot that knows most of the prompt is taken, however recently it was used', () => {
  const slots = [
    { id: 0, cached: [9, 9], lastUsed: 1 },
    { id: 1, cached: [1, 2, 3], lastUsed: 8 },
    { id: 2, cached: [1], lastUsed: 2 },
  ];

  expect(chooseSlot(slots, [1, 2, 3, 4])?.id).toBe(1);
});

test('without a shared beginning the one unused for longest is taken', () => {
  const slots = [
    { id: 0, cached: [1], lastUsed: 5 },
    { id: 1, cached: [2], lastUsed: 3 },
  ];

  expect(chooseSlot(slots, [7, 8])?.id).toBe(1);
  expect(chooseSlot([], [7])).toBeNull();
});

test('a beginning that is a trifle of the prompt does not count', () => {
  const long = Array.from({ length: 100 }, (_, at) => at);
  const slots = [
    { id: 0, cached: [0, 1, 2], lastUsed: 9 },
    { id: 1, cached: [], lastUsed: 1 },
  ];

  expect(chooseSlot(slots, long)?.id).toBe(1);
});

test('generating slots always get their token, prompts equal parts of what is left', () => {
  const claims = [
    { pending: 1, reading: false },
    { pending: 50, reading: true },
    { pending: 50, reading: true },
  ];

  expect(shareBatch(claims, 64, 64)).toEqual([1, 32, 31]);
  expect(shareBatch(claims, 64, 20)).toEqual([1, 10, 10]);
});

test('what a short prompt does not need goes to the long ones', () => {
  const claims = [
    { pending: 500, reading: true },
    { pending: 4, reading: true },
  ];

  expect(shareBatch(claims, 64, 64)).toEqual([60, 4]);
});

test('a batch never exceeds its size while it has room for every generating slot, and someone always advances', () => {
  const claim = fc.oneof(
    fc.constant({ pending: 1, reading: false }),
    fc.record({ pending: fc.integer({ min: 1, max: 500 }), reading: fc.constant(true) }),
  );
  fc.assert(
    fc.property(
      fc.array(claim, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 9, max: 512 }),
      fc.integer({ min: 1, max: 512 }),
      (claims, size, budget) => {
        const shares = shareBatch(claims, size, budget);
        const sum = shares.reduce((total, share) => total + share, 0);
        expect(sum).toBeLessThanOrEqual(size);
        expect(sum).toBeGreaterThan(0);
        expect(shares.every((share, at) => share <= (claims[at]?.pending ?? 0))).toBe(true);
      },
    ),
  );
});

test('a slow model reads prompts in small pieces, a fast one in whole batches', () => {
  expect(nextPromptBudget(128, 128, 12_800, 512)).toBe(32);
  expect(nextPromptBudget(128, 128, 1, 512)).toBe(256);
  expect(nextPromptBudget(512, 512, 1, 512)).toBe(512);
  expect(nextPromptBudget(128, 2, 5_000, 512)).toBe(128);
});
