/** The ledger: what it grants, why it refuses, and that it never promises more than there is. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createMemoryLedger } from './memory-ledger.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import type { ReservationRequest } from './reservations.ts';
import { OPEN_TERMS } from './standing.ts';

const GIB = 1024 ** 3;

function ledgerWith(totals: Readonly<Record<string, number>>): MemoryLedger {
  const ledger = createMemoryLedger();
  for (const [device, totalBytes] of Object.entries(totals)) {
    ledger.observe(device, { totalBytes, observedBytes: null, temperatureC: null });
  }
  return ledger;
}

function ask(owner: string, kind: 'instance' | 'task', bytes: number, device = 'gpu0'): ReservationRequest {
  return { owner, kind, shares: [{ device, bytes }] };
}

test('an instance may fill a card, a second one is refused with the sum', () => {
  const ledger = ledgerWith({ gpu0: 6 * GIB });

  const first = ledger.reserve(ask('instance:a', 'instance', 4 * GIB));
  const second = ledger.reserve(ask('instance:b', 'instance', 3 * GIB));

  expect(first).toEqual({ kind: 'granted' });
  expect(second).toEqual({
    kind: 'refused',
    when: 'now',
    arithmetic: 'gpu0: need 3.0 GiB, free 2.0 GiB = 6.0 GiB total - 4.0 GiB instances - 0 B tasks',
  });
});

test('tasks share four fifths of a card with the instances on it', () => {
  const ledger = ledgerWith({ gpu0: 10 * GIB });
  ledger.reserve(ask('instance:a', 'instance', 5 * GIB));

  const fits = ledger.reserve(ask('task:1', 'task', 3 * GIB));
  const over = ledger.reserve(ask('task:2', 'task', 1 * GIB));

  expect(fits.kind).toBe('granted');
  expect(over).toEqual({
    kind: 'refused',
    when: 'now',
    arithmetic:
      'gpu0: need 1.0 GiB, free 0 B = 8.0 GiB for tasks (80% of 10.0 GiB) - 5.0 GiB instances - 3.0 GiB tasks',
  });
});

test('what is larger than the device is refused for good', () => {
  const ledger = ledgerWith({ gpu0: 1 * GIB });

  const answers = [
    ledger.reserve(ask('instance:a', 'instance', 2 * GIB)),
    ledger.reserve(ask('task:1', 'task', 0.9 * GIB)),
    ledger.reserve(ask('task:2', 'task', 1, 'gpu7')),
  ];

  expect(answers).toMatchObject([{ when: 'never' }, { when: 'never' }, { when: 'never' }]);
});

test('several devices are granted together or not at all', () => {
  const ledger = ledgerWith({ gpu0: 4 * GIB, gpu1: 1 * GIB });

  const answer = ledger.reserve({
    owner: 'instance:a',
    kind: 'instance',
    shares: [
      { device: 'gpu0', bytes: 2 * GIB },
      { device: 'gpu1', bytes: 2 * GIB },
    ],
  });

  expect(answer).toMatchObject({ kind: 'refused', when: 'never' });
  expect(ledger.reservations()).toEqual([]);
});

test('an owner that asks again gets its own share counted as free', () => {
  const ledger = ledgerWith({ gpu0: 4 * GIB });
  ledger.reserve(ask('instance:a', 'instance', 3 * GIB));

  const again = ledger.reserve(ask('instance:a', 'instance', 4 * GIB));

  expect(again.kind).toBe('granted');
  expect(ledger.picture('gpu0')).toMatchObject({ instanceBytes: 4 * GIB, freeBytes: 0 });
});

test('a card that is full as measured grants nothing new, but a restart of what fills it', () => {
  const ledger = ledgerWith({ gpu0: 4 * GIB });
  ledger.reserve(ask('instance:a', 'instance', 3 * GIB));
  ledger.observe('gpu0', { totalBytes: 4 * GIB, observedBytes: 3.9 * GIB, temperatureC: null });

  expect(ledger.reserve(ask('task:1', 'task', 1))).toMatchObject({ kind: 'refused', when: 'now' });
  expect(ledger.reserve(ask('instance:a', 'instance', 3 * GIB)).kind).toBe('granted');
});

test('a hot card takes no new tasks until it is below 80 degrees', () => {
  const ledger = ledgerWith({ gpu0: 4 * GIB });
  const askAt = (temperatureC: number) => {
    ledger.observe('gpu0', { totalBytes: 4 * GIB, observedBytes: null, temperatureC });
    ledger.release('task:1');
    return ledger.reserve(ask('task:1', 'task', 1)).kind;
  };

  expect([84, 85, 80, 79].map(askAt)).toEqual(['granted', 'refused', 'refused', 'granted']);
});

const devices = ['gpu0', 'gpu1'] as const;
const request = fc.record({
  owner: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  kind: fc.constantFrom('instance' as const, 'task' as const),
  shares: fc.array(fc.record({ device: fc.constantFrom(...devices), bytes: fc.integer({ min: 0, max: 700 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
});
const action = fc.oneof(
  request.map((it) => ({ kind: 'reserve' as const, request: it })),
  fc.constantFrom('a', 'b', 'c', 'd', 'e').map((owner) => ({ kind: 'release' as const, owner })),
);

test('property: never more is promised than there is, and tasks never take it beyond their budget', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const ledger = ledgerWith({ gpu0: 1_000, gpu1: 600 });
      expect(actions.flatMap((it) => violationsOf(ledger, it))).toEqual([]);
    }),
  );
});

type Action = { readonly kind: 'reserve'; readonly request: ReservationRequest } | { kind: 'release'; owner: string };

/** Carries the action out and names what must not have happened. */
function violationsOf(ledger: MemoryLedger, it: Action): readonly string[] {
  const before = JSON.stringify(ledger.reservations());
  const answer = it.kind === 'reserve' ? ledger.reserve(it.request) : ledger.release(it.owner);
  const changed = JSON.stringify(ledger.reservations()) !== before;
  const taskDevices = it.kind === 'reserve' && it.request.kind === 'task' ? devicesOf(it.request) : [];
  return [
    ...devices.filter((device) => reserved(ledger, device) > (ledger.picture(device)?.totalBytes ?? 0)),
    ...taskDevices.filter(
      (device) =>
        answer?.kind === 'granted' && reserved(ledger, device) > (ledger.picture(device)?.taskBudgetBytes ?? 0),
    ),
    ...(answer?.kind === 'refused' && changed ? ['a refusal changed something'] : []),
  ];
}

function devicesOf({ shares }: ReservationRequest): readonly string[] {
  return shares.filter(({ bytes }) => bytes > 0).map(({ device }) => device);
}

function reserved(ledger: MemoryLedger, device: string): number {
  const picture = ledger.picture(device);
  return (picture?.instanceBytes ?? 0) + (picture?.taskBytes ?? 0);
}

test('what strangers use is not promised to tasks; who was not measured is taken to use what it holds', () => {
  const ledger = ledgerWith({ gpu0: 10 * GIB });
  ledger.reserve(ask('task:1', 'task', 2 * GIB));
  const look = (observedBytes: number): void =>
    ledger.observe('gpu0', { totalBytes: 10 * GIB, observedBytes, temperatureC: null });

  look(5 * GIB);
  const unmeasured = ledger.picture('gpu0');
  ledger.noteUse('task:1', 0.5 * GIB);
  const measured = ledger.picture('gpu0');

  expect(unmeasured).toMatchObject({ strangersBytes: 3 * GIB, freeForTasksBytes: 5 * GIB });
  expect(measured).toMatchObject({ strangersBytes: 4.5 * GIB, freeForTasksBytes: 3.5 * GIB });
  expect(ledger.reserve(ask('task:2', 'task', 4 * GIB))).toEqual({
    kind: 'refused',
    when: 'now',
    arithmetic: 'gpu0: 5.0 GiB of 10.0 GiB are in use, as measured',
  });
});

test('a task that uses more than it reserved leaves less for others, until it has ended', () => {
  const ledger = ledgerWith({ gpu0: 10 * GIB });
  ledger.reserve(ask('task:1', 'task', GIB));
  ledger.noteUse('task:1', 7 * GIB);
  ledger.observe('gpu0', { totalBytes: 10 * GIB, observedBytes: 7 * GIB, temperatureC: null });

  const beside = ledger.reserve(ask('task:2', 'task', 4 * GIB));
  const free = ledger.picture('gpu0')?.freeForTasksBytes;
  ledger.release('task:1');
  const after = ledger.reserve(ask('task:2', 'task', 4 * GIB));

  expect(beside).toMatchObject({ kind: 'refused', when: 'now', arithmetic: expect.stringContaining('as measured') });
  expect(free).toBe(3 * GIB);
  expect(after).toEqual({ kind: 'granted' });
});

test('what has left since the last look is not taken for strangers, what came and left meanwhile changes nothing', () => {
  const ledger = ledgerWith({ gpu0: 10 * GIB });
  const look = (observedBytes: number): void =>
    ledger.observe('gpu0', { totalBytes: 10 * GIB, observedBytes, temperatureC: null });
  ledger.reserve(ask('task:1', 'task', 8 * GIB));
  ledger.noteUse('task:1', 6 * GIB);
  look(9.8 * GIB);
  ledger.noteUse('task:1', 0);

  ledger.release('task:1');
  const left = ledger.picture('gpu0');
  const next = ledger.reserve(ask('task:2', 'task', 4 * GIB));
  ledger.release('task:2');

  expect(left).toMatchObject({
    strangersBytes: expect.closeTo(3.8 * GIB, -3),
    freeForTasksBytes: expect.closeTo(6.2 * GIB, -3),
  });
  expect(next).toEqual({ kind: 'granted' });
  expect(ledger.picture('gpu0')?.strangersBytes).toBeCloseTo(3.8 * GIB, -3);
  look(9.8 * GIB);
  expect(ledger.picture('gpu0')?.strangersBytes).toBe(9.8 * GIB);
});

test('memory of two cards is refused to a task for good, in words', () => {
  const ledger = ledgerWith({ gpu0: 6 * GIB, gpu1: 6 * GIB });
  const shares = ['gpu0', 'gpu1'].map((device) => ({ device, bytes: GIB }));

  expect(ledger.reserve({ owner: 'task:1', kind: 'task', shares })).toMatchObject({
    kind: 'refused',
    when: 'never',
    arithmetic: expect.stringContaining('a task cannot hold memory of several cards yet'),
  });
  expect(ledger.reserve({ owner: 'instance:1', kind: 'instance', shares }).kind).toBe('granted');
});

test.each([
  [{ roles: ['instances' as const] }, 'task', 'gpu0: it takes no tasks (its roles: instances)'],
  [{ roles: [] }, 'instance', 'gpu0: it takes no instances (its roles: off)'],
  [{ hold: { kind: 'reserved' as const, reason: 'for a game' } }, 'instance', 'gpu0: reserved: for a game'],
  [{ hold: { kind: 'quarantined' as const, reason: 'leaks' } }, 'task', 'gpu0: quarantined: leaks'],
  [{ lost: 'gone' }, 'task', 'gpu0: lost: gone'],
] as const)('a device of %j refuses a new %s and says why; what it holds stays', (terms, kind, arithmetic) => {
  const ledger = ledgerWith({ gpu0: 6 * GIB });
  ledger.reserve(ask('task:old', 'task', GIB));
  ledger.observe('gpu0', {
    totalBytes: 6 * GIB,
    observedBytes: null,
    temperatureC: null,
    terms: { ...OPEN_TERMS, ...terms },
  });

  expect(ledger.reserve(ask('new', kind, GIB))).toEqual({ kind: 'refused', when: 'now', arithmetic });
  expect(ledger.picture('gpu0')?.taskBytes).toBe(GIB);
});

test('property: with strangers, measured workers and releases in any order, tasks never exceed what is free for them', () => {
  const device = fc.constantFrom('gpu0', 'gpu1');
  const bytes = fc.integer({ min: 1, max: 5 }).map((gib) => gib * GIB);
  const event = fc.oneof(
    fc.record({ kind: fc.constant('task' as const), id: fc.nat(9), device, bytes }),
    fc.record({ kind: fc.constant('release' as const), id: fc.nat(9) }),
    fc.record({ kind: fc.constant('use' as const), id: fc.nat(9), bytes }),
    fc.record({ kind: fc.constant('look' as const), device, bytes }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const ledger = ledgerWith({ gpu0: 6 * GIB, gpu1: 6 * GIB });
      for (const one of events) {
        if (one.kind === 'release') ledger.release(`task:${one.id}`);
        if (one.kind === 'use') ledger.noteUse(`task:${one.id}`, one.bytes);
        if (one.kind === 'look')
          ledger.observe(one.device, { totalBytes: 6 * GIB, observedBytes: one.bytes, temperatureC: null });
        expect(one.kind === 'task' && grantedBeyondFree(ledger, one)).toBe(false);
        const pictures = devices.map((id) => ledger.picture(id));
        expect(pictures.filter((it) => it !== null && it.taskBytes > it.taskBudgetBytes)).toEqual([]);
      }
    }),
  );
});

function grantedBeyondFree(ledger: MemoryLedger, wish: { id: number; device: string; bytes: number }): boolean {
  ledger.release(`task:${wish.id}`);
  const free = ledger.picture(wish.device)?.freeForTasksBytes ?? 0;
  return (
    ledger.reserve(ask(`task:${wish.id}`, 'task', wish.bytes, wish.device)).kind === 'granted' && wish.bytes > free
  );
}
