import fc from 'fast-check';
import { expect, test } from 'vitest';

import { chunksLeft, isPlausible, piecesLeft, RETRIES, retryAfterMs, retryDelay } from './chunks.ts';

test('what is left and what is done make the file, without gap or overlap', () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.array(fc.nat(64), { maxLength: 90 }), (sizeBytes, wished) => {
      const done = wished
        .slice(0, Math.ceil(sizeBytes / 64))
        .map((bytes, index) => Math.min(bytes, sizeBytes - index * 64));
      const left = chunksLeft(sizeBytes, done, 64).reduce((sum, { from, to }) => sum + to - from, 0);
      expect(isPlausible(sizeBytes, done, 64)).toBe(true);
      expect(left + done.reduce((sum, bytes) => sum + bytes, 0)).toBe(sizeBytes);
    }),
  );
});

test('chunks that follow each other are one piece, up to sixteen of them', () => {
  expect(piecesLeft(64 * 20, [64, 10], 64)).toEqual([{ from: 74, to: 64 * 20 }]);
  expect(piecesLeft(200, [0, 64], 64)).toEqual([
    { from: 0, to: 64 },
    { from: 128, to: 200 },
  ]);
  expect(piecesLeft(100, [64, 36], 64)).toEqual([]);
});

test('a record of another file is seen', () => {
  expect(isPlausible(100, [64, 36], 64)).toBe(true);
  expect(isPlausible(100, [64, 37], 64)).toBe(false);
  expect(isPlausible(100, [1, 1, 1], 64)).toBe(false);
});

test('six tries more, each later than the one before, unless the hub says when', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((failures) => retryDelay(failures, null, 0.5));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, null]);
  expect(retryDelay(1, 7_000, 0.5)).toBe(7_000);
  expect(retryDelay(1, 86_400_000, 0.5)).toBe(RETRIES.longestAskedMs);
});

test('Retry-After is seconds or a date', () => {
  expect(retryAfterMs('3', 0)).toBe(3_000);
  expect(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 1_000)).toBe(4_000);
  expect(retryAfterMs('soon', 0)).toBeNull();
  expect(retryAfterMs(null, 0)).toBeNull();
});
