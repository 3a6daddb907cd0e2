import { expect, test } from 'vitest';

import { groupBy } from './groups.ts';

test('groups come in the order of their first entries, and the entries of each as they came', () => {
  const groups = groupBy(['bee', 'ant', 'bat', 'cat', 'asp'], (word) => word.charAt(0));

  expect([...groups]).toEqual([
    ['b', ['bee', 'bat']],
    ['a', ['ant', 'asp']],
    ['c', ['cat']],
  ]);
});
