/** When a card counts as lost, and how it comes back. */

import { expect, test } from 'vitest';

import { readingOf } from '../device.ts';
import { isLost, isUnsure, notePresence } from './presence.ts';
import type { SeenDevice } from './presence.ts';

const card = (index: number) =>
  readingOf({ id: `gpu${index}`, kind: 'nvidia', name: 'Card', index, totalBytes: 1, temperatureC: 50 });

function after(...looks: readonly Parameters<typeof notePresence>[1][]): readonly SeenDevice[] {
  return looks.reduce<readonly SeenDevice[]>((seen, look) => notePresence(seen, look), []);
}

test('a card that three looks did not show is lost; the others go on', () => {
  const both = [card(0), card(1)];
  const one = [card(0)];

  expect(after(both, one, one).map(isLost)).toEqual([false, false]);
  expect(after(both, one, one).map(isUnsure)).toEqual([false, true]);
  expect(after(both, one, one, one).map(isLost)).toEqual([false, true]);
});

test('a tool that fails says the same of every card, and their values are not known', () => {
  const [seen] = after([card(0)], null, null, null);

  expect(seen && isLost(seen)).toBe(true);
  expect(seen?.reading).toMatchObject({ id: 'gpu0', totalBytes: 1, temperatureC: null });
});

test('a look that shows it again brings it back, and a card that is new is simply there', () => {
  const seen = after([card(0)], null, null, null, [card(0), card(1)]);

  expect(seen.map(({ reading, misses }) => [reading.id, misses])).toEqual([
    ['gpu0', 0],
    ['gpu1', 0],
  ]);
});
