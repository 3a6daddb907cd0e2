import { expect, test } from 'vitest';

import { until, within } from './patience.ts';

test('a wait ends with the first sight that fits', async () => {
  let looks = 0;

  expect(
    await until(
      () => ++looks,
      (seen) => seen === 3,
    ),
  ).toBe(3);
});

test('a wait in vain tells what was seen last, and where it waited', async () => {
  const waiting = until(
    () => ({ state: 'loading' }),
    ({ state }) => state === 'ready',
    60,
  );

  await expect(waiting).rejects.toThrow("waited 0.06 s in vain; seen last: { state: 'loading' }");
  await expect(waiting).rejects.toMatchObject({ stack: expect.stringContaining('patience.test.ts') as string });
});

test('a look that never answers, and what never comes, are waited for no longer', async () => {
  const never = new Promise<never>(() => {});

  await expect(until(() => never, Boolean, 20)).rejects.toThrow('seen last: ');
  await expect(within(never, () => ['hello'], 20)).rejects.toThrow("seen last: [ 'hello' ]");
});

test('a look that throws is not waited for', async () => {
  await expect(until(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
