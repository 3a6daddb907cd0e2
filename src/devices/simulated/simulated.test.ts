/** The simulated rig: what it is made of, and how its cards warm up, fill and cool. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { silentLog, TestClock } from '../../kernel/index.ts';
import { createDevices } from '../devices.ts';
import { createMemoryLedger } from '../ledger/memory-ledger.ts';
import { createDeviceSources } from '../probes.ts';
import { coldCard, measureCard, stepCard } from './card-physics.ts';
import { parseRig } from './rig.ts';
import { createSimulatedFiles } from './simulated-files.ts';

const MIB = 1024 * 1024;

function rig(simulateRig: string, random: () => number = () => 0.5, simulatedFolder = '/nowhere') {
  const clock = new TestClock();
  const ledger = createMemoryLedger();
  const llamaServer = () => Promise.resolve(null);
  const sources = createDeviceSources({ simulateRig, llamaServer, clock, random, ledger, simulatedFolder });
  const devices = createDevices({ ...sources, ledger, clock, log: silentLog });
  const read = (id: string) => devices.reports().find((device) => device.id === id);
  const occupy = (kind: 'instance' | 'task', mebibytes: number, device = 'sim0') =>
    ledger.reserve({ owner: `${kind}:${device}`, kind, shares: [{ device, bytes: mebibytes * MIB }] });
  return { clock, ledger, devices, read, occupy };
}

test('a rig is cards by count and size, with names and a room where they are given', () => {
  expect(parseRig('2x6144, 1x24576:RTX 3090@38')).toEqual([
    { name: 'Simulated GPU 6144 MiB', totalBytes: 6144 * MIB, roomC: 24 },
    { name: 'Simulated GPU 6144 MiB', totalBytes: 6144 * MIB, roomC: 24 },
    { name: 'RTX 3090', totalBytes: 24_576 * MIB, roomC: 38 },
  ]);
  expect(() => parseRig('five')).toThrow('DROVER_SIMULATE_RIG="five" is no rig');
});

test('a card under work warms up over minutes, and cools when the work is gone', async () => {
  const { clock, devices, read, occupy, ledger } = rig('2x6144');
  await using _ = devices;
  await devices.start();
  occupy('task', 4800);

  const curve: unknown[] = [read('sim0')?.temperatureC];
  for (const seconds of [15, 30, 60, 120]) {
    await clock.advance(seconds * 1000);
    curve.push(read('sim0')?.temperatureC);
  }
  ledger.release('task:sim0');
  for (const seconds of [30, 60, 300]) {
    await clock.advance(seconds * 1000);
    curve.push(read('sim0')?.temperatureC);
  }

  expect(curve).toEqual([39, 50, 64, 75, 79, 66, 52, 39]);
  expect(read('sim1')?.temperatureC).toBe(39);
});

test('memory, power and utilisation follow what is reserved', async () => {
  const { clock, devices, read, occupy } = rig('1x6144:GTX 1660');
  await using _ = devices;
  await devices.start();
  const idle = read('sim0');

  occupy('instance', 3000);
  await clock.advance(30_000);
  const held = read('sim0');
  occupy('task', 1500);
  await clock.advance(30_000);
  const worked = read('sim0');

  expect(idle).toMatchObject({ name: 'GTX 1660', utilisationPercent: 0, powerLimitW: 156, powerW: 15.6 });
  expect(held?.observedBytes).toBeCloseTo((6144 * 0.02 + 3000 * 0.9) * MIB, -6);
  expect(worked?.observedBytes).toBeGreaterThan(4000 * MIB);
  expect([held?.utilisationPercent, worked?.utilisationPercent]).toEqual([19, 74]);
  expect(worked?.powerW).toBeGreaterThan(Number(held?.powerW));
});

test('in a hot room a card gets too hot for tasks, and takes them again below 80 degrees', async () => {
  const { clock, devices, ledger, read, occupy } = rig('1x6144@33');
  await using _ = devices;
  await devices.start();
  occupy('task', 4800);

  await clock.advance(300_000);
  const hot = read('sim0')?.temperatureC;
  const refused = ledger.reserve({ owner: 'task:2', kind: 'task', shares: [{ device: 'sim0', bytes: 1 }] });
  ledger.release('task:sim0');
  await clock.advance(5_000);
  const stillHot = ledger.reserve({ owner: 'task:2', kind: 'task', shares: [{ device: 'sim0', bytes: 1 }] });
  await clock.advance(30_000);
  const granted = ledger.reserve({ owner: 'task:2', kind: 'task', shares: [{ device: 'sim0', bytes: 1 }] });

  expect(hot).toBeGreaterThanOrEqual(85);
  expect(refused).toMatchObject({ kind: 'refused', arithmetic: expect.stringContaining('too hot for new tasks') });
  expect(stillHot.kind).toBe('refused');
  expect(granted.kind).toBe('granted');
});

test('the same time and chance show the same', async () => {
  const run = async () => {
    let seed = 7;
    const { clock, devices, occupy } = rig('3x6144', () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647);
    await using _ = devices;
    await devices.start();
    occupy('task', 2000, 'sim1');
    await clock.advance(60_000);
    return devices.reports().slice(1);
  };

  expect(await run()).toEqual(await run());
});

test('property: a card in a usual room never gets too hot, too full, or colder than at rest', () => {
  const card = { name: 'c', totalBytes: 6144 * MIB, roomC: 24 };
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const step = fc.record({ held: share, worked: share, ms: fc.integer({ min: 0, max: 600_000 }), noise: share });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state = coldCard(card, 0);
      for (const { held, worked, ms, noise } of steps) {
        const instanceBytes = held * card.totalBytes;
        const taskBytes = worked * (card.totalBytes - instanceBytes);
        const demand = { instanceBytes, taskBytes, toldBytes: 0, heldBytes: 0 };
        state = stepCard(card, state, demand, state.at + ms);
        const shown = measureCard(card, state, () => noise);
        expect(shown.temperatureC).toBeGreaterThanOrEqual(38);
        expect(shown.temperatureC).toBeLessThan(85);
        expect(shown.observedBytes).toBeLessThan(card.totalBytes * 0.95);
        expect(shown.utilisationPercent).toBeLessThanOrEqual(100);
      }
    }),
  );
});

describe('what is written about the cards', () => {
  let folder = '';
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'drover-cards-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test("a program holds what it says, its file goes with it, and what stays is nobody's", async () => {
    const { devices, ledger, clock } = rig('1x6144', () => 0.5, folder);
    await using _ = devices;
    await devices.start();
    const files = createSimulatedFiles(folder);
    const owner = 'task:a';
    const use = { device: 'sim0', owner, pids: new Set<number>() };
    ledger.reserve({ owner, kind: 'task', shares: [{ device: 'sim0', bytes: 4000 * MIB }] });

    writeFileSync(files.pathOf('sim0', owner), '3000\n');
    await clock.advance(5_000);
    const held = [devices.usedBy(use), ledger.picture('sim0')?.freeForTasksBytes];
    writeFileSync(files.pathOf('sim0', owner), '2000 stays\n');
    files.ended('sim0', owner);
    ledger.release(owner);
    await clock.advance(60_000);

    expect(held).toEqual([3000 * MIB, Math.floor(6144 * MIB * 0.8) - 4000 * MIB]);
    expect(ledger.picture('sim0')?.strangersBytes).toBeGreaterThan(2000 * MIB);
    writeFileSync(files.pathOf('sim0', owner), '2000');
    files.ended('sim0', owner);
    expect(files.held('sim0').size).toBe(0);
  });

  test('sensors show what is written, and a card that is gone is lost until it is back', async () => {
    const { devices, clock, read } = rig('2x6144', () => 0.5, folder);
    await using _ = devices;
    await devices.start();
    const write = (script: object): void => {
      mkdirSync(join(folder, 'sim1'), { recursive: true });
      writeFileSync(join(folder, 'sim1', 'card.json'), JSON.stringify(script));
    };

    write({ temperature_c: 91, pcie_width: 1, throttle_reasons: ['hw_thermal_slowdown'] });
    await clock.advance(5_000);
    const hot = read('sim1');
    write({ gone: true });
    await clock.advance(15_000);
    const gone = read('sim1');
    write({});
    await clock.advance(5_000);

    expect(hot).toMatchObject({ condition: 'constrained', temperatureC: 91, loadGroup: 'shared' });
    expect(gone).toMatchObject({ condition: 'lost', temperatureC: null, taskSlots: { busy: 0, total: 0 } });
    expect(read('sim1')).toMatchObject({ condition: 'normal', loadGroup: 'sim1' });
    expect(read('sim0')).toMatchObject({ condition: 'normal' });
  });
});
