/** The beat over the sources: who is asked how often, what is kept, what is told. */

import { expect, test } from 'vitest';

import { silentLog, TestClock } from '../kernel/index.ts';
import { createCpuProbe } from './cpu.ts';
import { readingOf } from './device.ts';
import type { DeviceProbe, Pace } from './device.ts';
import { createDevices } from './devices.ts';
import { createMemoryLedger } from './ledger/memory-ledger.ts';
import { waitAfter } from './watching/lookout.ts';

const card = readingOf({ id: 'gpu0', kind: 'nvidia', name: 'Card', index: 0, totalBytes: 1000, temperatureC: 50 });

function host(read: DeviceProbe['read'], { pace = 'costly' as Pace, aliases = {}, roles = {} } = {}) {
  const clock = new TestClock();
  const ledger = createMemoryLedger();
  const asked: number[] = [];
  const counted: DeviceProbe = {
    kind: 'nvidia',
    pace,
    read(signal) {
      asked.push(clock.monotonic());
      return read(signal);
    },
  };
  const devices = createDevices({
    ledger,
    probes: [createCpuProbe(), counted],
    listing: null,
    clock,
    log: silentLog,
    aliases,
    roles,
  });
  return { clock, ledger, asked, devices };
}

test('the CPU is always there, and knows its load from the second look on', async () => {
  const { devices } = host(() => Promise.resolve([]));
  await using _ = devices;

  await devices.refresh();
  const [first] = devices.readings();
  await devices.refresh();

  expect(first).toMatchObject({ id: 'cpu', kind: 'cpu', utilisationPercent: null });
  expect(first?.totalBytes).toBeGreaterThan(0);
});

test('an idle card is looked at seldom, a busy one at each beat, and a while longer', async () => {
  const { devices, clock, ledger, asked } = host(() => Promise.resolve([card]));
  await using _ = devices;
  await devices.start();

  await clock.advance(60_000);
  const idleLooks = asked.length;
  ledger.reserve({ owner: 'instance:a', kind: 'instance', shares: [{ device: 'gpu0', bytes: 1 }] });
  await clock.advance(60_000);
  const busyLooks = asked.length - idleLooks;
  ledger.release('instance:a');
  await clock.advance(50_000);
  const lateLooks = asked.length - idleLooks - busyLooks;

  expect([idleLooks, busyLooks, lateLooks]).toEqual([4, 12, 10]);
});

test('a host without such a card is not asked all the time', () => {
  expect(waitAfter('costly', 'none', true)).toBe(600_000);
  expect(waitAfter('costly', 'failed', true)).toBe(60_000);
  expect(waitAfter('rare', 'found', true)).toBe(600_000);
  expect(waitAfter('cheap', 'found', false)).toBe(0);
});

test('a source that never answers delays no other', async () => {
  const answers = [() => Promise.resolve([card]), () => new Promise<never>(() => {})];
  const { devices, clock } = host(() => (answers.shift() ?? answers[0] ?? (() => Promise.resolve([])))());
  let beats = 0;
  devices.refreshed.subscribe(() => (beats += 1));
  await devices.start();

  await clock.advance(30_000);

  expect(beats).toBeGreaterThanOrEqual(6);
  expect(devices.reports().map(({ id }) => id)).toEqual(['cpu', 'gpu0']);
});

test('a device is told with its aliases and the picture of the ledger', async () => {
  const { devices, ledger } = host(() => Promise.resolve([card]), { aliases: { left: 'gpu0', gone: 'gpu9' } });
  await using _ = devices;
  await devices.refresh();
  ledger.reserve({ owner: 'task:1', kind: 'task', shares: [{ device: 'gpu0', bytes: 300 }] });

  expect(devices.reports()[1]).toMatchObject({
    id: 'gpu0',
    kind: 'nvidia',
    name: 'Card',
    uuid: null,
    backendNames: [],
    aliases: ['left'],
    totalBytes: 1000,
    reservedBytes: 300,
    observedBytes: null,
    roles: ['tasks', 'instances', 'brain'],
    condition: 'normal',
    why: null,
    taskBudgetBytes: 800,
    taskFreeBytes: 500,
    temperatureC: 50,
    powerW: null,
    powerLimitW: null,
    utilisationPercent: null,
    taskSlots: { busy: 0, total: 0 },
  });
});

test('roles of the settings hold until a policy says otherwise; a hold and a doubt keep work away', async () => {
  const { devices, ledger } = host(() => Promise.resolve([card]), { roles: { gpu0: ['instances'] } });
  await using _ = devices;
  await devices.refresh();
  const standing = () => {
    const { roles, condition, why } = devices.reports()[1] ?? {};
    return [roles, condition, why];
  };
  const course = [standing()];

  devices.applyPolicies([{ device: 'gpu0', roles: ['tasks'], hold: null }]);
  course.push(standing());
  devices.distrust('gpu0', 'it leaks');
  course.push(standing());
  devices.applyPolicies([{ device: 'gpu0', roles: null, hold: { kind: 'reserved', reason: 'a game', until: null } }]);
  course.push(standing());
  devices.applyPolicies([]);
  course.push(standing());

  expect(course).toEqual([
    [['instances'], 'normal', null],
    [['tasks'], 'normal', null],
    [['tasks'], 'quarantined', 'it leaks'],
    [['instances'], 'reserved', 'a game'],
    [['instances'], 'normal', null],
  ]);
  expect(devices.distrusted().size).toBe(0);
  expect(ledger.picture('gpu0')?.standing.roles).toEqual(['instances']);
});
