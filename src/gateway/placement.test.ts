import { describe, expect, test } from 'vitest';

import { place } from './placement.ts';
import type { Candidate } from './placement.ts';

function candidate(name: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    name,
    state: 'ready',
    drained: false,
    contextSize: 4_096,
    slotsBusy: 0,
    slotsTotal: 2,
    suspect: false,
    ...changes,
  };
}

const ask = { contextTokens: null, avoid: new Set<string>() };

describe('placement', () => {
  test('takes the least loaded of the feasible, then the first by name, and says why', () => {
    const decision = place(ask, [
      candidate('a', { slotsBusy: 1 }),
      candidate('c'),
      candidate('b'),
      candidate('d', { state: 'loading' }),
      candidate('e', { state: 'stopping' }),
      candidate('f', { slotsBusy: 2 }),
      candidate('g', { suspect: true }),
      candidate('h', { state: null }),
    ]);

    expect(decision.chosen).toBe('b');
    expect(decision.log.map((line) => `${line.instance}: ${line.verdict}`)).toEqual([
      'a: more loaded',
      'c: more loaded',
      'b: chosen',
      'd: not ready',
      'e: draining',
      'f: no free slot',
      'g: unreachable',
      'h: not ready',
    ]);
  });

  test('leaves out instances whose context is too small', () => {
    const decision = place({ ...ask, contextTokens: 5_000 }, [
      candidate('a'),
      candidate('b', { contextSize: 8_192, slotsBusy: 1 }),
    ]);

    expect(decision.chosen).toBe('b');
    expect(decision.log[0]?.verdict).toBe('context too small');
  });

  test('goes back to an instance that failed the request only when no other is feasible', () => {
    const avoid = new Set(['a']);

    expect(place({ ...ask, avoid }, [candidate('a'), candidate('b', { slotsBusy: 1 })]).chosen).toBe('b');
    expect(place({ ...ask, avoid }, [candidate('a'), candidate('b', { slotsBusy: 2 })]).chosen).toBe('a');
  });

  test('decides among 1,000 instances in about a millisecond', () => {
    const candidates = Array.from({ length: 1_000 }, (_, index) => candidate(`i${index}`, { slotsBusy: index % 3 }));
    for (let warm = 0; warm < 200; warm++) place(ask, candidates);

    const start = performance.now();
    for (let turn = 0; turn < 100; turn++) place(ask, candidates);

    expect((performance.now() - start) / 100).toBeLessThan(5);
  });
});
