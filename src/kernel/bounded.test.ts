import { expect, test } from 'vitest';

import { forEachBounded } from './bounded.ts';

test('items begin in order, a bounded number at a time, and all are done at the end', async () => {
  const begun: number[] = [];
  let running = 0;
  let most = 0;

  await forEachBounded([1, 2, 3, 4, 5], { atOnce: 2 }, async (item) => {
    begun.push(item);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running -= 1;
  });

  expect({ begun, most, running }).toEqual({ begun: [1, 2, 3, 4, 5], most: 2, running: 0 });
});

test('after a failure no more begin, and it is told', async () => {
  const begun: number[] = [];

  const done = forEachBounded([1, 2, 3], { atOnce: 1 }, async (item) => {
    begun.push(item);
    throw new Error(`no ${item}`);
  });

  await expect(done).rejects.toThrow('no 1');
  expect(begun).toEqual([1]);
});

test('after an abort no more begin', async () => {
  const stop = new AbortController();
  const begun: number[] = [];

  await forEachBounded([1, 2, 3], { atOnce: 1, signal: stop.signal }, async (item) => {
    begun.push(item);
    stop.abort();
  });

  expect(begun).toEqual([1]);
});
