/** Restart delays, the budget, and what a stable time forgives. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { RestartPolicy } from '../../contract/index.ts';
import { NO_HISTORY, decideRestart, restartDelayMs } from './restart-policy.ts';
import type { RestartHistory, RestartVerdict } from './restart-policy.ts';

const POLICY: RestartPolicy = {
  enabled: true,
  maxRetries: 3,
  windowMs: 600_000,
  initialDelayMs: 2_000,
  multiplier: 2,
  maxDelayMs: 10_000,
  jitter: 0.1,
  stableAfterMs: 300_000,
};

/** Crashes at the given times, one after the other, without jitter. */
function crashAt(times: readonly number[], readyForMs = 0): readonly RestartVerdict[] {
  let history: RestartHistory = NO_HISTORY;
  return times.map((at) => {
    const verdict = decideRestart(POLICY, history, { at, readyForMs }, 0.5);
    history = verdict.history;
    return verdict;
  });
}

test('delays double up to the maximum', () => {
  const delays = [0, 1, 2, 3, 9].map((n) => restartDelayMs(POLICY, n, 0.5));

  expect(delays).toEqual([2_000, 4_000, 8_000, 10_000, 10_000]);
});

test('the crash beyond the budget within the window gives up', () => {
  const verdicts = crashAt([0, 10_000, 20_000, 30_000]);

  expect(verdicts.map((verdict) => verdict.kind)).toEqual(['restart', 'restart', 'restart', 'give-up']);
  expect(verdicts[3]).toMatchObject({ reason: 'crash-loop' });
});

test('crashes older than the window do not count', () => {
  const verdicts = crashAt([0, 10_000, 20_000, 600_000]);

  expect(verdicts[3]).toMatchObject({ kind: 'restart', history: { crashes: [10_000, 20_000, 600_000] } });
});

test('only a stable time resets the delay', () => {
  const unstable = crashAt([0, 10_000, 20_000], 299_999);
  const stable = crashAt([0, 10_000, 20_000], 300_000);

  expect(unstable).toMatchObject([{ delayMs: 2_000 }, { delayMs: 4_000 }, { delayMs: 8_000 }]);
  expect(stable).toMatchObject([{ delayMs: 2_000 }, { delayMs: 2_000 }, { delayMs: 2_000 }]);
});

test('a policy that is switched off, or has no retries, gives up at the first crash', () => {
  const off = decideRestart({ ...POLICY, enabled: false }, NO_HISTORY, { at: 0, readyForMs: 0 }, 0);
  const none = decideRestart({ ...POLICY, maxRetries: 0 }, NO_HISTORY, { at: 0, readyForMs: 0 }, 0);

  expect([off, none]).toMatchObject([
    { kind: 'give-up', reason: 'disabled' },
    { kind: 'give-up', reason: 'crash-loop' },
  ]);
});

test('property: a delay stays within the jitter around its bounds', () => {
  const policy = fc.record({
    initialDelayMs: fc.integer({ min: 0, max: 60_000 }),
    multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
    maxDelayMs: fc.integer({ min: 0, max: 600_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(policy, fc.nat(400), fc.double({ min: 0, max: 0.999, noNaN: true }), (part, n, random) => {
      const delay = restartDelayMs({ ...POLICY, ...part }, n, random);
      const low = Math.min(part.initialDelayMs, part.maxDelayMs) * (1 - part.jitter);
      expect(delay).toBeGreaterThanOrEqual(Math.floor(low));
      expect(delay).toBeLessThanOrEqual(Math.ceil(part.maxDelayMs * (1 + part.jitter)));
    }),
  );
});
