import { expect, test } from 'vitest';

import { createLeftoverSweeps } from './leftover-sweeps.ts';

/** Sweeps that end when the test says so. */
function rig() {
  const swept: string[] = [];
  const ends = new Map<string, () => void>();
  const sweeps = createLeftoverSweeps({
    sweep: (name) =>
      new Promise((resolve) => {
        swept.push(name);
        ends.set(name, () => resolve([]));
      }),
  });
  return { sweeps, swept, end: (name: string) => ends.get(name)?.() };
}

test('a launch waits until what an earlier life may have left is swept', async () => {
  const { sweeps, swept, end } = rig();
  let isOver = false;

  sweeps.begin(['alpha']);
  const over = sweeps.over('alpha').then(() => (isOver = true));
  await Promise.resolve();
  expect(isOver).toBe(false);

  end('alpha');
  await over;
  expect(swept).toEqual(['alpha']);
});

test('an instance that was never in doubt waits for nothing', async () => {
  const { sweeps, swept } = rig();

  await sweeps.over('beta');

  expect(swept).toEqual([]);
});

test('it is known while it is in doubt, and all in doubt can be waited for', async () => {
  const { sweeps, end } = rig();

  sweeps.begin(['alpha', 'beta']);
  const all = sweeps.allOver();
  end('alpha');
  end('beta');
  await all;

  expect(sweeps.isKnown('alpha')).toBe(true);
  await sweeps.over('alpha');
  expect(sweeps.isKnown('alpha')).toBe(false);
});
