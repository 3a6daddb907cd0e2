import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cpuDevice } from '../../../test/support/fake-agents.ts';
import type { DeviceReport } from '../../contract/index.ts';
import { pickTasks } from './dispatch.ts';
import type { Rooms } from './dispatch.ts';
import { aheadOf, roomOf } from './host-room.ts';
import type { HostLoad } from './host-room.ts';
import { createReadyQueue } from './ready-queue.ts';
import type { Lane, ReadyQueue } from './ready-queue.ts';

const GIB = 2 ** 30;
const CPU: Lane = { kind: 'cpu' };

function queueOf(...tasks: readonly { batch: string; priority?: number; lane?: Lane }[]): ReadyQueue {
  const queue = createReadyQueue();
  for (const [index, { batch, priority = 5, lane = CPU }] of tasks.entries()) {
    queue.add({ id: index, batchId: batch, priority, since: index, lane });
  }
  return queue;
}

/** A host whose tasks run long, so that nothing is handed out ahead. */
function loadOf(change: Partial<HostLoad> = {}): HostLoad {
  return { host: 'here', devices: [cpuDevice(2)], held: [], typicalMs: 60_000, closed: new Set(), ...change };
}

function roomsOf(loads: readonly HostLoad[], change: Partial<Rooms> = {}): Rooms {
  return { hosts: loads.map(roomOf), callsFor: () => 0, share: () => 0, home: 'here', ...change };
}

const ids = (queue: ReadyQueue, rooms: Rooms): number[] => pickTasks(queue, rooms).map(({ task }) => task.id);

test('long tasks get one core each and no more', () => {
  expect(ids(queueOf({ batch: 'a' }, { batch: 'a' }, { batch: 'a' }), roomsOf([loadOf()]))).toEqual([0, 1]);
});

test('short tasks are handed out ahead, so that the agent never idles between two', () => {
  const many = Array.from({ length: 40 }, () => ({ batch: 'a' }));

  expect(ids(queueOf(...many), roomsOf([loadOf({ typicalMs: 1 })]))).toHaveLength(2 + aheadOf(2, 1));
  expect(aheadOf(2, 1)).toBeGreaterThanOrEqual(8);
  expect(aheadOf(2, 200)).toBe(0);
});

test("a command of the brain goes to the controller's own host, beside what that does", () => {
  const lane = { kind: 'home' } as const;
  const full = loadOf({ held: Array.from({ length: 2 }, () => ({ cores: 1, memoryBytes: 0, device: null })) });

  const picks = pickTasks(queueOf({ batch: 'a', lane }), roomsOf([loadOf({ host: 'there' }), full]));

  expect(picks).toMatchObject([{ host: 'here', charge: { cores: 0 } }]);
  expect(ids(queueOf({ batch: 'a', lane }), roomsOf([loadOf({ host: 'there' })]))).toEqual([]);
});

test('the higher priority goes first, whatever came before', () => {
  expect(ids(queueOf({ batch: 'a' }, { batch: 'a' }, { batch: 'b', priority: 9 }), roomsOf([loadOf()]))).toEqual([
    2, 0,
  ]);
});

test('between batches of one priority who holds least goes first', () => {
  const queue = queueOf({ batch: 'big' }, { batch: 'big' }, { batch: 'small' });

  expect(ids(queue, roomsOf([loadOf()]))).toEqual([0, 2]);
  const loaded = queueOf({ batch: 'big' }, { batch: 'big' }, { batch: 'small' }, { batch: 'small' });
  expect(ids(loaded, roomsOf([loadOf()], { share: (batch) => (batch === 'big' ? 5 : 0) }))).toEqual([2, 3]);
});

test('a round is shared evenly: of two batches that still wait, none has more than one over the other', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(3),
      (large, small, held) => {
        const queue = queueOf(
          ...Array.from({ length: large }, () => ({ batch: 'large' })),
          ...Array.from({ length: small }, () => ({ batch: 'small' })),
        );
        const had = { large: held, small: 0 };
        const whole = { large: large + held, small };

        const share = (batch: string): number => had[batch as keyof typeof had];
        const picks = pickTasks(queue, roomsOf([loadOf({ devices: [cpuDevice(2 * small)] })], { share }));

        const unfair = picks.filter(({ task: { batchId } }) => {
          const [own, other] = batchId === 'large' ? (['large', 'small'] as const) : (['small', 'large'] as const);
          had[own] += 1;
          return whole[other] > had[other] && had[own] - 1 > had[other];
        });
        expect(unfair).toEqual([]);
        expect(picks).toHaveLength(Math.min(large + small, 2 * small));
      },
    ),
    { numRuns: 30 },
  );
});

test('nothing goes while something of a higher priority could go in its place', () => {
  const tasks = fc.array(
    fc.record({ batch: fc.constantFrom('a', 'b', 'c'), priority: fc.integer({ min: 0, max: 10 }) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(tasks, fc.integer({ min: 1, max: 8 }), (waiting, cores) => {
      const picked = pickTasks(queueOf(...waiting), roomsOf([loadOf({ devices: [cpuDevice(cores)] })]));

      const priorities = waiting.map(({ priority }) => priority).toSorted((a, b) => b - a);
      expect(picked.map(({ task }) => task.priority)).toEqual(priorities.slice(0, cores));
    }),
  );
});

test('a script goes to the card with room, and a bigger one waits without blocking a smaller', () => {
  const card = { ...cpuDevice(0), id: 'gpu0', kind: 'simulated' as const, taskBudgetBytes: 4 * GIB };
  const queue = queueOf(
    { batch: 'a', lane: { kind: 'script', memoryBytes: 3 * GIB } },
    { batch: 'a', lane: { kind: 'script', memoryBytes: 3 * GIB } },
    { batch: 'a', lane: { kind: 'script', memoryBytes: 1 * GIB } },
  );

  const picks = pickTasks(queue, roomsOf([loadOf({ devices: [cpuDevice(2), card] })]));

  expect(picks.map(({ task, charge }) => [task.id, charge.device, charge.cores])).toEqual([
    [0, 'gpu0', 0],
    [2, 'gpu0', 0],
  ]);
});

test('scripts that wait at their card for memory count as handed out ahead: no look adds to them', () => {
  const card = { ...cpuDevice(0), id: 'gpu0', kind: 'simulated' as const, taskBudgetBytes: 4 * GIB };
  const script = { cores: 0, memoryBytes: 3 * GIB, device: 'gpu0' };
  const more = { batch: 'a', lane: { kind: 'script', memoryBytes: 3 * GIB } } as const;
  const picked = (held: number): number =>
    ids(
      queueOf(...Array.from({ length: 90 }, () => more)),
      roomsOf([
        loadOf({ devices: [cpuDevice(2), card], held: Array.from({ length: held }, () => script), typicalMs: 10 }),
      ]),
    ).length;

  const ahead = aheadOf(2, 10);
  expect([picked(0), picked(1), picked(1 + ahead), picked(3 + ahead)]).toEqual([1 + ahead, ahead, 0, 0]);
});

test('without a card a script takes host memory and a core', () => {
  const script: Lane = { kind: 'script', memoryBytes: GIB };
  const picks = pickTasks(queueOf({ batch: 'a', lane: script }, { batch: 'a' }, { batch: 'a' }), roomsOf([loadOf()]));

  expect(picks.map(({ task }) => task.id)).toEqual([0, 1]);
  expect(picks[0]?.charge).toEqual({ cores: 1, memoryBytes: GIB, device: 'cpu' });
});

test('model calls fill what the model can take', () => {
  const lane: Lane = { kind: 'ask', model: 'demo' };
  const queue = queueOf({ batch: 'a', lane }, { batch: 'a', lane }, { batch: 'a', lane });

  expect(ids(queue, roomsOf([], { callsFor: () => 2 }))).toEqual([0, 1]);
  expect(ids(queue, roomsOf([], { callsFor: () => 0 }))).toEqual([]);
});

test('no host is given more cores or memory than it has and what it may keep waiting', () => {
  const lanes = fc.oneof(
    fc.constant<Lane>(CPU),
    fc.integer({ min: 1, max: 8 }).map((gib): Lane => ({ kind: 'script', memoryBytes: gib * GIB })),
  );
  fc.assert(
    fc.property(fc.array(lanes, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (wanted, cores) => {
      const load = loadOf({ devices: [cpuDevice(cores)] });
      const picks = pickTasks(queueOf(...wanted.map((lane) => ({ batch: 'a', lane }))), roomsOf([load]));
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      expect(sum(picks.map(({ charge }) => charge.cores))).toBeLessThanOrEqual(cores);
      expect(sum(picks.map(({ charge }) => charge.memoryBytes))).toBeLessThanOrEqual(6 * GIB);
    }),
  );
});

describe('on cards', () => {
  const script = (gib: number): Lane => ({ kind: 'script', memoryBytes: gib * GIB });
  const card = (id: string, change: Partial<DeviceReport> = {}): DeviceReport => ({
    ...cpuDevice(0),
    id,
    kind: 'simulated',
    taskBudgetBytes: 5 * GIB,
    taskFreeBytes: 5 * GIB,
    ...change,
  });
  const devicesOf = (lanes: readonly Lane[], devices: readonly DeviceReport[], held: HostLoad['held'] = []) => {
    const queue = queueOf(...lanes.map((lane) => ({ batch: 'a', lane })));
    return pickTasks(queue, roomsOf([loadOf({ devices: [cpuDevice(2), ...devices], held })])).map(
      ({ charge }) => charge.device,
    );
  };

  test('scripts of one size are spread over the emptiest', () => {
    expect(devicesOf([script(1), script(1), script(1)], [card('a'), card('b')])).toEqual(['a', 'b', 'a']);
  });

  test('while a larger one waits, small ones go where they fit tightest, so that its room stays whole', () => {
    const held = [{ cores: 0, memoryBytes: 3 * GIB, device: 'b' }];
    const lanes = [script(1), script(1), script(5), script(5)];

    expect(devicesOf(lanes, [card('a'), card('b')], held)).toEqual(['b', 'b', 'a']);
  });

  test.each([
    ['without the role', { roles: ['instances'] }],
    ['that is constrained', { condition: 'constrained' }],
    ['that is reserved', { condition: 'reserved' }],
    ['that is lost', { condition: 'lost' }],
    ['that instances and strangers fill', { taskFreeBytes: 0 }],
  ] as const)('a card %s gets none', (_title, change) => {
    const other = card('a', {
      ...change,
      ...('roles' in change ? { roles: [...change.roles] } : {}),
    } as Partial<DeviceReport>);

    expect(devicesOf([script(1)], [other, card('b')])).toEqual(['b']);
    expect(devicesOf([script(1)], [other])).toEqual([]);
  });

  test('what tasks held when it was reported is counted by what we know ourselves', () => {
    const reported = card('a', { taskReservedBytes: 4 * GIB, taskFreeBytes: 1 * GIB });

    expect(devicesOf([script(5)], [reported])).toEqual(['a']);
    expect(devicesOf([script(5)], [reported], [{ cores: 0, memoryBytes: 4 * GIB, device: 'a' }])).toEqual([]);
  });

  test('their few places for cpu work count, also while they are constrained', () => {
    const slots = { taskSlots: { busy: 0, total: 1 } };
    const cards = [
      card('a', slots),
      card('b', { ...slots, condition: 'constrained' }),
      card('c', { ...slots, roles: [] }),
    ];

    expect(devicesOf([CPU, CPU, CPU, CPU, CPU, CPU], cards)).toHaveLength(4);
  });
});
