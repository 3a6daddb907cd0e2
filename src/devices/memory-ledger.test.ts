/** The ledger: what it grants, why it refuses, and that it never promises more than there is. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { createMemoryLedger } from './memory-ledger.ts';
import type { MemoryLedger, ReservationRequest } from './memory-ledger.ts';

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
