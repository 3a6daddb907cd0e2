import { expect, test } from 'vitest';

import { DEEPEST, isTooDeep } from './nesting.ts';

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

test('what is nested deeper than people write is told without walking to its end', () => {
  expect(isTooDeep(nested(DEEPEST))).toBe(false);
  expect(isTooDeep(nested(DEEPEST + 1))).toBe(true);
  expect(isTooDeep(nested(5_000))).toBe(true);
  expect(isTooDeep({ a: [{ b: null }], c: 'text' })).toBe(false);
});
