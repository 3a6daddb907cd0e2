import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decideRoom } from './eviction.ts';
import type { Resident, RoomQuestion } from './eviction.ts';

const NOW = 1_000_000;
const WINDOW = 10_000;

function resident(name: string, changes: Partial<Resident> = {}): Resident {
  return {
    name,
    modelId: name,
    devices: ['gpu0'],
    memoryBytes: 10,
    standing: 'ready',
    readyAt: NOW - WINDOW,
    busySlots: 0,
    isWanted: false,
    usedAt: 0,
    ...changes,
  };
}

function decide(residents: readonly Resident[], changes: Partial<RoomQuestion> = {}) {
  return decideRoom({
    alternatives: [[{ device: 'gpu0', bytes: 10 }]],
    capacity: new Map([
      ['gpu0', 20],
      ['gpu1', 20],
    ]),
    residents,
    waited: { ms: 0, class: 'interactive' },
    windowMs: WINDOW,
    wasRefused: false,
    now: NOW,
    ...changes,
  });
}

describe('room for another model', () => {
  test('is there, or is made by the least recently used of those that are idle', () => {
    expect(decide([resident('a')])).toMatchObject({ kind: 'fits' });
    expect(decide([resident('a', { usedAt: 7 }), resident('b', { usedAt: 3 })])).toMatchObject({
      kind: 'evict',
      names: ['b'],
    });
  });

  test('takes no more than it needs, and where there is a choice of devices the fewest bytes', () => {
    const small = resident('small', { memoryBytes: 5 });
    const large = resident('large', { memoryBytes: 15, usedAt: 1 });

    expect(decide([small, large])).toMatchObject({ names: ['large'] });
    const alternatives = ['gpu0', 'gpu1'].map((device) => [{ device, bytes: 15 }]);
    const elsewhere = resident('elsewhere', { devices: ['gpu1'], memoryBytes: 6 });
    expect(decide([large, elsewhere], { alternatives })).toMatchObject({ names: ['elsewhere'] });
  });

  test('waits until what was loaded has been there for a window', () => {
    const fresh = resident('a', { memoryBytes: 20, readyAt: NOW - 3_000 });

    expect(decide([fresh])).toEqual({ kind: 'wait', at: NOW + 7_000, names: ['a'] });
  });

  test('waits for one that is used, until an interactive request has waited for a window', () => {
    const busy = resident('a', { memoryBytes: 20, busySlots: 1 });
    const wanted = resident('a', { memoryBytes: 20, isWanted: true });

    expect(decide([busy], { waited: { ms: 4_000, class: 'interactive' } })).toEqual({
      kind: 'wait',
      at: NOW + 6_000,
      names: ['a'],
    });
    expect(decide([wanted], { waited: { ms: 10_000, class: 'interactive' } })).toMatchObject({ names: ['a'] });
    expect(decide([busy], { waited: { ms: 60_000, class: 'batch' } })).toMatchObject({ kind: 'wait', at: null });
  });

  test('never takes what is pinned, and says when nothing helps', () => {
    expect(decide([resident('a', { memoryBytes: 20, standing: 'fixed' })])).toEqual({ kind: 'hopeless' });
    expect(decide([], { alternatives: [[{ device: 'gpu0', bytes: 21 }]] })).toEqual({ kind: 'hopeless' });
  });

  test('one that comes or goes is waited for; after a refusal of the owner one more goes', () => {
    expect(decide([resident('a', { memoryBytes: 20, standing: 'leaving' })])).toMatchObject({ kind: 'wait', at: null });
    expect(decide([resident('a')], { wasRefused: true })).toMatchObject({ kind: 'evict', names: ['a'] });
    expect(decide([], { wasRefused: true })).toEqual({ kind: 'hopeless' });
  });

  test('after a refusal, one that starts somewhere is waited for', () => {
    const unplaced = resident('a', { standing: 'coming', readyAt: null, devices: [], memoryBytes: 0 });

    expect(decide([unplaced])).toMatchObject({ kind: 'fits' });
    expect(decide([unplaced], { wasRefused: true })).toEqual({ kind: 'wait', at: null, names: ['a'] });
  });

  test('whatever the situation, only idle or long awaited ones go, and what then is free is enough', () => {
    const residents = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        modelId: fc.constant(null),
        devices: fc.constantFrom(['gpu0'], ['gpu1'], ['gpu0', 'gpu1']),
        memoryBytes: fc.integer({ min: 1, max: 20 }),
        standing: fc.constantFrom('ready', 'coming', 'leaving', 'fixed' as const),
        readyAt: fc.integer({ min: NOW - 30_000, max: NOW }),
        busySlots: fc.nat(2),
        isWanted: fc.boolean(),
        usedAt: fc.nat(9),
      }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(residents, fc.integer({ min: 1, max: 20 }), fc.nat(20_000), (known, bytes, ms) => {
        const alternatives = ['gpu0', 'gpu1'].map((device) => [{ device, bytes }]);
        const decision = decide(known, { alternatives, waited: { ms, class: 'interactive' } });
        if (decision.kind !== 'evict') return;
        const gone = known.filter(({ name }) => decision.names.includes(name));
        for (const { standing, readyAt, busySlots, isWanted } of gone) {
          expect(standing).toBe('ready');
          expect(readyAt + WINDOW).toBeLessThanOrEqual(NOW);
          expect(ms >= WINDOW || (busySlots === 0 && !isWanted)).toBe(true);
        }
        const device = decision.shares[0]?.device ?? '';
        const held = known
          .filter((one) => !gone.includes(one) && one.devices.some((id) => id === device))
          .reduce((sum, one) => sum + one.memoryBytes / one.devices.length, 0);
        expect(20 - held).toBeGreaterThanOrEqual(bytes);
      }),
    );
  });
});
