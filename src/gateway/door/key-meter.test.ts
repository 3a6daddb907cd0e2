import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { KeyMeter } from './key-meter.ts';
import type { KeyLimits } from './key-meter.ts';

const NONE = { rpm: null, tpm: null, concurrency: null };

describe('what a key may use', () => {
  test('requests beyond the minute are limited until the oldest is a minute old', () => {
    const meter = new KeyMeter();
    meter.enter(500, 1, { ...NONE, rpm: 2 });
    meter.enter(10_000, 1, { ...NONE, rpm: 2 });

    expect(meter.enter(20_000, 1, { ...NONE, rpm: 2 })).toEqual({ kind: 'limited', by: 'rpm', retryAfterMs: 40_000 });
    expect(meter.enter(60_000, 1, { ...NONE, rpm: 2 })).toEqual({ kind: 'entered' });
  });

  test('tokens are charged by estimate, and set right when the request ends', () => {
    const meter = new KeyMeter();
    meter.enter(0, 300, { ...NONE, tpm: 100 });
    expect(meter.enter(1_000, 1, { ...NONE, tpm: 100 })).toMatchObject({ kind: 'limited', by: 'tpm' });

    meter.leave(0, 2_000, -250);

    expect(meter.enter(3_000, 1, { ...NONE, tpm: 100 })).toEqual({ kind: 'entered' });
  });

  test('a request beyond the tokens passes alone', () => {
    expect(new KeyMeter().enter(0, 5_000, { ...NONE, tpm: 100 })).toEqual({ kind: 'entered' });
  });

  test('what ends makes room for another at the same time', () => {
    const meter = new KeyMeter();
    meter.enter(0, 1, { ...NONE, concurrency: 1 });
    expect(meter.enter(1, 1, { ...NONE, concurrency: 1 })).toMatchObject({ kind: 'limited', by: 'concurrency' });

    meter.leave(0, 2, 0);

    expect(meter.enter(3, 1, { ...NONE, concurrency: 1 })).toEqual({ kind: 'entered' });
  });

  test('no minute holds more requests than the limit, and a retry at the told time is let in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(20_000), { maxLength: 60 }), (rpm, gaps) => {
        const { entered, refusedAgain } = playGaps(gaps, { ...NONE, rpm });

        const inMinute = entered.map((at) => entered.filter((other) => other >= at && other < at + 59_000).length);
        expect(refusedAgain).toBe(0);
        expect(Math.max(0, ...inMinute)).toBeLessThanOrEqual(rpm);
      }),
    );
  });
});

/** Requests one after the other; one that is refused comes back when it was told to. */
function playGaps(gaps: readonly number[], limits: KeyLimits) {
  const meter = new KeyMeter();
  const entered: number[] = [];
  let now = 0;
  let refusedAgain = 0;
  for (const gap of gaps) {
    now += gap;
    const entry = meter.enter(now, 1, limits);
    if (entry.kind === 'limited') {
      now += entry.retryAfterMs;
      if (meter.enter(now, 1, limits).kind === 'limited') refusedAgain++;
    }
    entered.push(now);
  }
  return { entered, refusedAgain };
}
