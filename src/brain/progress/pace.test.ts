import { expect, test } from 'vitest';

import { paceOf } from './pace.ts';

const RECENT = { windowMs: 60_000, ended: 10, tokensOut: 1_200 };

test('what ended in the last minute says how long the rest takes', () => {
  const pace = paceOf({ now: 600_000, startedAt: 0, total: 120, ended: 100, recent: RECENT });

  expect(pace).toEqual({ etaMs: 120_000, tokensPerSecond: 20 });
});

test('with few ends lately the whole run says it', () => {
  const pace = paceOf({ now: 100_000, startedAt: 0, total: 12, ended: 10, recent: { ...RECENT, ended: 1 } });

  expect(pace.etaMs).toBe(20_000);
});

test('a young batch is measured over the time that it has', () => {
  const pace = paceOf({ now: 10_000, startedAt: 0, total: 20, ended: 10, recent: { ...RECENT, tokensOut: 100 } });

  expect(pace).toEqual({ etaMs: 10_000, tokensPerSecond: 10 });
});

test.each([
  [{ total: 500, startedAt: 0, ended: 4 }],
  [{ startedAt: null, ended: 0 }],
  [{ startedAt: 0, ended: 0 }],
  [{ startedAt: 0, ended: 12 }],
])('nothing says when: %j', (change) => {
  const pace = paceOf({ now: 1_000, total: 12, recent: { ...RECENT, ended: 0 }, ...change });

  expect(pace.etaMs).toBeNull();
});

test('of few tasks a quarter is enough', () => {
  const pace = paceOf({ now: 10_000, startedAt: 0, total: 4, ended: 1, recent: { ...RECENT, ended: 1 } });

  expect(pace.etaMs).toBe(30_000);
});
