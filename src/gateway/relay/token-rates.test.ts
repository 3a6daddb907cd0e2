import { expect, test } from 'vitest';

import { TokenRates } from './token-rates.ts';

test('tokens count for ten seconds, the oldest second in part', () => {
  const rates = new TokenRates();
  for (let second = 100; second < 120; second++) rates.add('a', 50, second * 1_000);

  expect(rates.perSecond('a', 119_999)).toBeCloseTo(50, 0);
  expect(rates.perSecond('a', 124_500)).toBe(27.5);
  expect(rates.perSecond('a', 131_000)).toBe(0);
  expect(rates.perSecond('b', 119_000)).toBe(0);
});

test('a whole answer counts over the time it took, as far as that is in the window', () => {
  const rates = new TokenRates();

  rates.addOver('a', 400, { from: 100_000, to: 140_000 });

  expect(rates.perSecond('a', 140_000)).toBe(10);
});

test('what was counted too many is taken back, and never shows as less than nothing', () => {
  const rates = new TokenRates();
  rates.add('a', 14, 5_000);

  rates.add('a', -4, 6_000);

  expect(rates.perSecond('a', 6_000)).toBe(1);
  expect(rates.perSecond('a', 15_900)).toBe(0);
});
