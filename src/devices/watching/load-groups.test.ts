/** Which devices slow each other down when models are loaded into them. */

import { expect, test } from 'vitest';

import { loadGroupOf } from './load-groups.ts';

const card = (pcieWidth: number | null) => ({ id: 'gpu0', kind: 'nvidia' as const, pcieWidth });

test.each([
  ['a wide link of its own', card(16), null, 'gpu0'],
  ['a wide link that was measured to be fast', card(8), 6e9, 'gpu0'],
  ['a wide link behind a slow disk', card(16), 4e8, 'shared'],
  ['a riser of one lane', card(1), null, 'shared'],
  ['a link that nobody tells of', card(null), null, 'shared'],
  ['the CPU', { id: 'cpu', kind: 'cpu' as const, pcieWidth: null }, 1e8, 'cpu'],
])('%s', (_title, device, rate, group) => {
  expect(loadGroupOf(device, rate)).toBe(group);
});
