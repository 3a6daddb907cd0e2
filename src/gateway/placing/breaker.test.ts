import { describe, expect, test } from 'vitest';

import { afterCall, breakerAt, CLOSED } from './breaker.ts';
import type { Breaker, CallVerdict } from './breaker.ts';

const after = (from: Breaker, verdicts: readonly CallVerdict[], now = 0): Breaker =>
  verdicts.reduce((breaker, verdict) => afterCall(breaker, verdict, now), from);
const five: readonly CallVerdict[] = ['failed', 'failed', 'failed', 'failed', 'failed'];

describe('the breaker of an instance', () => {
  test('opens after five failures in a row; a success between them counts anew', () => {
    expect(after(CLOSED, five)).toEqual({ kind: 'open', until: 30_000 });
    expect(after(CLOSED, ['failed', 'failed', 'succeeded', 'failed', 'failed', 'failed'])).toEqual({
      kind: 'closed',
      failures: 3,
    });
  });

  test('lets calls through again after 30 s, closes after two successes and opens again at a failure', () => {
    const open = after(CLOSED, five);

    expect(breakerAt(open, 29_999).kind).toBe('open');
    expect(breakerAt(open, 30_000)).toEqual({ kind: 'half-open', successes: 0 });
    expect(after(open, ['succeeded', 'succeeded'], 30_000)).toEqual(CLOSED);
    expect(after(open, ['succeeded', 'failed'], 30_000)).toEqual({ kind: 'open', until: 60_000 });
  });

  test('hears nothing from calls that began before it opened', () => {
    expect(after(CLOSED, [...five, 'succeeded', 'failed'])).toEqual({ kind: 'open', until: 30_000 });
  });
});
