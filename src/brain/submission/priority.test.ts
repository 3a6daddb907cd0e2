import { expect, test } from 'vitest';

import { batchPriority } from './priority.ts';

test.each([
  ['a word', 'high', {}, 75],
  ['a number', 7, {}, 7],
  ['nothing', undefined, {}, 50],
  ['PRIORITY of the config', undefined, { PRIORITY: 'urgent' }, 100],
  ['a number of the config', undefined, { PRIORITY: 80 }, 80],
  ['both: the submission outweighs its config', 'low', { PRIORITY: 'urgent' }, 25],
] as const)('%s', (_what, asked, config, priority) => {
  expect(batchPriority(asked, config)).toBe(priority);
});

test.each([['soon'], [101], [1.5], [true]])('a PRIORITY of %j is refused', (PRIORITY) => {
  expect(() => batchPriority(undefined, { PRIORITY })).toThrow(/is no priority/);
});
