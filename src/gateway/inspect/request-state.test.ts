import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isEnded, newRequest, NO_USAGE, step } from './request-state.ts';
import type { RequestEvent } from './request-state.ts';

const event: fc.Arbitrary<RequestEvent> = fc.oneof(
  fc.record({ kind: fc.constant('dispatched' as const), at: fc.constant(5), instance: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('content' as const), at: fc.constant(6) }),
  fc.record({ kind: fc.constant('moved' as const), at: fc.constant(6), because: fc.constant('reset') }),
  fc.record({
    kind: fc.constantFrom('finished' as const, 'cancelled' as const),
    at: fc.constant(7),
    usage: fc.constant(NO_USAGE),
  }),
  fc.record({
    kind: fc.constantFrom('failed' as const, 'expired' as const),
    at: fc.constant(7),
    code: fc.constant('X'),
    usage: fc.constant(NO_USAGE),
  }),
);

describe('a request', () => {
  test('that is served goes from queued over dispatched and streaming to done', () => {
    const events: RequestEvent[] = [
      { kind: 'dispatched', at: 10, instance: 'a' },
      { kind: 'content', at: 30 },
      { kind: 'finished', at: 50, usage: { tokensIn: 1, tokensOut: 2 } },
    ];

    const states = events.reduce((seen, one) => [...seen, step(seen.at(-1) ?? newRequest(0), one)], [newRequest(0)]);

    expect(states.map((state) => state.kind)).toEqual(['queued', 'dispatched', 'streaming', 'done']);
    expect(states.at(-1)).toMatchObject({ queueMs: 10, firstByteAt: 30, attempts: 1, instance: 'a', code: null });
  });

  test('moves before its first content, and never after it', () => {
    const dispatched = step(newRequest(0), { kind: 'dispatched', at: 10, instance: 'a' });
    const moved = step(dispatched, { kind: 'moved', at: 15, because: 'reset' });
    const again = step(moved, { kind: 'dispatched', at: 25, instance: 'b' });
    const streaming = step(again, { kind: 'content', at: 30 });

    expect(moved.kind).toBe('queued');
    expect(again).toMatchObject({ kind: 'dispatched', instance: 'b', attempts: 2, queueMs: 20 });
    expect(step(streaming, { kind: 'moved', at: 40, because: 'reset' })).toBe(streaming);
  });

  test('has exactly one ending, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let state = newRequest(0);
        let endings = 0;
        let changedAfterEnd = 0;
        for (const one of events) {
          const next = step(state, one);
          if (next !== state && isEnded(next)) endings++;
          if (isEnded(state) && next !== state) changedAfterEnd++;
          state = next;
        }
        expect(endings).toBe(isEnded(state) ? 1 : 0);
        expect(changedAfterEnd).toBe(0);
      }),
    );
  });
});
