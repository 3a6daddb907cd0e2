import { describe, expect, test } from 'vitest';

import { cpuMs } from '../../../test/support/cpu-time.ts';
import { NO_AFFINITY } from './affinity.ts';
import { place } from './placement.ts';
import type { Candidate, PlacementQuestion } from './placement.ts';

function candidate(name: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    name,
    state: 'ready',
    drained: false,
    contextSize: 4_096,
    slotsBusy: 0,
    slotsTotal: 2,
    suspect: false,
    breaker: 'closed',
    leaving: false,
    freeBytes: 0,
    lastGiven: 0,
    ...changes,
  };
}

const ask: PlacementQuestion = {
  contextTokens: null,
  avoid: new Set<string>(),
  prefer: [],
  affinity: NO_AFFINITY,
  strategy: 'least-loaded',
};

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

  test('a preferred instance goes first while it has room; others are taken when it has none', () => {
    const prefer = ['b'];

    const decision = place({ ...ask, prefer }, [candidate('a'), candidate('b', { slotsBusy: 1 })]);
    expect(decision.log.map(({ verdict }) => verdict)).toEqual(['not preferred', 'chosen']);
    expect(place({ ...ask, prefer }, [candidate('a'), candidate('b', { slotsBusy: 2 })]).chosen).toBe('a');
  });

  test('a conversation stays with its home although it is more loaded, until its slots are taken', () => {
    const affinity = (): string => 'session 1';
    const [a, b] = [candidate('a'), candidate('b')];
    const home = place({ ...ask, affinity }, [a, b]).chosen;
    const loaded = (slotsBusy: number) => [a, b].map((each) => (each.name === home ? { ...each, slotsBusy } : each));

    expect(place({ ...ask, affinity }, loaded(1)).chosen).toBe(home);
    expect(place({ ...ask, affinity }, loaded(2)).chosen).not.toBe(home);
    expect(
      place({ ...ask, affinity }, loaded(1))
        .log.map(({ verdict }) => verdict)
        .toSorted(),
    ).toEqual(['another has its prompt', 'chosen']);
  });

  test('by free memory, and by turns', () => {
    const roomy = [candidate('a', { freeBytes: 1 }), candidate('b', { freeBytes: 9, slotsBusy: 1 })];
    const turns = [candidate('a', { lastGiven: 7 }), candidate('b', { lastGiven: 3, slotsBusy: 1 })];

    expect(place({ ...ask, strategy: 'most-free-memory' }, roomy).chosen).toBe('b');
    expect(place({ ...ask, strategy: 'round-robin' }, turns).chosen).toBe('b');
  });

  test('an open breaker keeps requests away while somebody else is sound, busy or not, and not when nobody is', () => {
    const failing = candidate('a', { breaker: 'open' });

    expect(place(ask, [failing, candidate('b', { slotsBusy: 2 })])).toEqual({
      chosen: null,
      log: [
        { instance: 'a', verdict: 'failing' },
        { instance: 'b', verdict: 'no free slot' },
      ],
    });
    expect(place(ask, [failing, candidate('b', { breaker: 'open', slotsBusy: 1 })]).chosen).toBe('a');
  });

  test('an instance on trial gets one request at a time, and one that makes room gets none', () => {
    const trial = candidate('a', { breaker: 'half-open' });
    const busy = candidate('b', { slotsBusy: 2 });

    expect(place(ask, [trial, busy]).chosen).toBe('a');
    expect(place(ask, [{ ...trial, slotsBusy: 1 }, busy]).chosen).toBeNull();
    expect(place(ask, [candidate('a', { leaving: true })]).log[0]?.verdict).toBe('making room');
  });

  test('decides among 1,000 instances in about a millisecond', async () => {
    const candidates = Array.from({ length: 1_000 }, (_, index) => candidate(`i${index}`, { slotsBusy: index % 3 }));
    const affinity = (): string => 'session 1';
    for (let warm = 0; warm < 200; warm++) place({ ...ask, affinity }, candidates);

    const ms = await cpuMs(() => {
      for (let turn = 0; turn < 100; turn++) place({ ...ask, affinity }, candidates);
    });

    expect(ms / 100).toBeLessThan(5);
  });
});
