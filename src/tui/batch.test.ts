import { expect, test } from 'vitest';

import { TestClock } from '../kernel/clock.ts';
import { createBatch } from './batch.ts';

test('items are handed on together, in order, and of too many the newest', async () => {
  const clock = new TestClock();
  const delivered: (readonly number[])[] = [];
  using batch = createBatch<number>({ clock, spacingMs: 100, limit: 3, deliver: (items) => delivered.push(items) });

  batch.add([1]);
  await clock.advance(10);
  batch.add([2, 3]);
  batch.add([4, 5]);
  await clock.advance(200);
  batch.add([6]);
  batch.flush();

  expect(delivered).toEqual([[1], [3, 4, 5], [6]]);
});
