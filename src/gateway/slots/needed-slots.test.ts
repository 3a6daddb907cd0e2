import { expect, test } from 'vitest';

import { NeededSlots } from './needed-slots.ts';

test('a slot is needed for half a minute after batch work made room, and each interactive request starts that anew', () => {
  const needed = new NeededSlots();
  needed.gaveWay('model a', 1_000);

  needed.used('model a', 30_999);
  needed.used('model b', 30_999);

  expect([needed.isNeeded('model a', 60_998), needed.isNeeded('model b', 31_000)]).toEqual([true, false]);
  expect(needed.nextEnd(31_000)).toBe(60_999);
});

test('who asks after that is not waited for', () => {
  const needed = new NeededSlots();
  needed.gaveWay('model a', 0);

  needed.used('model a', 30_000);

  expect([needed.isNeeded('model a', 30_000), needed.nextEnd(30_000)]).toEqual([false, null]);
});
