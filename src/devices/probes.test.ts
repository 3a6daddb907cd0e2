/** What the probes make of a host: the CPU, `nvidia-smi` in its moods, the simulated rig, and the beat over them. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, expect, test } from 'vitest';

import { TestClock, silentLog } from '../kernel/index.ts';
import { createCpuProbe } from './cpu.ts';
import type { DeviceProbe, DeviceReading } from './device.ts';
import { createDevices } from './devices.ts';
import { createMemoryLedger } from './memory-ledger.ts';
import { createNvidiaProbe, parseNvidiaSmi } from './nvidia.ts';
import { createProbes } from './probes.ts';
import { runCommand } from './run-command.ts';
import { parseRig } from './simulated.ts';

const MIB = 1024 * 1024;
const signal = new AbortController().signal;
const path = process.env['PATH'];

afterEach(() => {
  process.env['PATH'] = path;
});

test('nvidia-smi is read with its numbers and its gaps', () => {
  const output = [
    '0, GPU-aaaa, 6144, 512, 61, 43.20, 170.00, 7, NVIDIA GeForce GTX 1060 6GB',
    '1, GPU-bbbb, 24576, [N/A], [Not Supported], [N/A], N/A, [Unknown Error], Odd, with comma',
    '2, GPU-cccc, [N/A], 100, 40, 10.00, [N/A], 0, Shared memory card',
    '',
  ].join('\n');

  const readings = parseNvidiaSmi(output, 99 * MIB);

  expect(readings).toMatchObject([
    { id: 'gpu0', uuid: 'GPU-aaaa', totalBytes: 6144 * MIB, observedBytes: 512 * MIB, temperatureC: 61, powerW: 43.2 },
    { id: 'gpu1', name: 'Odd, with comma', observedBytes: null, temperatureC: null, utilisationPercent: null },
    { id: 'gpu2', totalBytes: 99 * MIB, powerLimitW: null, utilisationPercent: 0 },
  ]);
});

test('what nvidia-smi says instead of a table is no device', () => {
  expect(parseNvidiaSmi('No devices were found\n', 0)).toEqual([]);
});

test('an nvidia-smi on PATH is asked, and one that fails is an error with its words', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-nvidia-'));
  const program = join(folder, 'nvidia-smi');
  process.env['PATH'] = `${folder}:${path}`;

  writeFileSync(program, '#!/bin/sh\necho "0, GPU-a, 1000, 10, 50, 1.0, 2.0, 3, Fake"\n');
  chmodSync(program, 0o755);
  const found = await createNvidiaProbe(runCommand).read(signal);
  writeFileSync(program, '#!/bin/sh\necho "driver mismatch" >&2; exit 9\n');
  const failing = createNvidiaProbe(runCommand).read(signal);

  expect(found).toMatchObject([{ id: 'gpu0', name: 'Fake', totalBytes: 1000 * MIB }]);
  await expect(failing).rejects.toThrow('nvidia-smi: driver mismatch');
  rmSync(folder, { recursive: true });
});

test('a host without nvidia-smi has no such device and is not asked again', async () => {
  const asked: string[] = [];
  const probe = createNvidiaProbe((file) => {
    asked.push(file);
    return Promise.resolve(null);
  });

  expect([await probe.read(signal), await probe.read(signal)]).toEqual([[], []]);
  expect(asked).toEqual(['nvidia-smi']);
});

test('the CPU is always there, and knows its load from the second look on', async () => {
  const probe = createCpuProbe();

  const [first] = await probe.read(signal);
  const [second] = await probe.read(signal);

  expect(first).toMatchObject({ id: 'cpu', kind: 'cpu', utilisationPercent: null });
  expect(first?.totalBytes).toBeGreaterThan(0);
  expect(second?.id).toBe('cpu');
});

test('a rig is cards by count and size', () => {
  expect(parseRig('2x6144, 1x24576').cards).toEqual([
    { totalBytes: 6144 * MIB },
    { totalBytes: 6144 * MIB },
    { totalBytes: 24576 * MIB },
  ]);
  expect(() => parseRig('five')).toThrow('DROVER_SIMULATE_RIG="five" is no rig');
});

test('a simulated rig shows what is reserved, the same at the same time, and never too hot or full', async () => {
  const ledger = createMemoryLedger();
  const clock = new TestClock();
  const probes = createProbes({ environment: { DROVER_SIMULATE_RIG: '5x6144' }, clock, ledger });
  await using devices = createDevices({ ledger, probes, clock, log: silentLog });
  await devices.start();
  const idle = devices.reports();

  ledger.reserve({ owner: 'instance:a', kind: 'instance', shares: [{ device: 'sim2', bytes: 6144 * MIB }] });
  await devices.refresh();
  const busy = devices.reports();
  await devices.refresh();

  expect(idle.map((report) => report.id)).toEqual(['cpu', 'sim0', 'sim1', 'sim2', 'sim3', 'sim4']);
  expect(devices.reports().slice(1)).toEqual(busy.slice(1));
  expect(busy[3]).toMatchObject({ reservedBytes: 6144 * MIB, taskBudgetBytes: Math.floor(6144 * MIB * 0.8) });
  expect(busy[3]?.temperatureC).toBeGreaterThan(Number(idle[3]?.temperatureC));
  expect(busy[3]?.temperatureC).toBeLessThan(80);
  expect(ledger.reserve({ owner: 'a', kind: 'task', shares: [{ device: 'sim1', bytes: 1 }] }).kind).toBe('granted');
});

test('the beat keeps the last readings of a probe that fails', async () => {
  const clock = new TestClock();
  const answers: (() => Promise<readonly DeviceReading[]>)[] = [
    () => createCpuProbe().read(signal),
    () => Promise.reject(new Error('tool broke')),
  ];
  const probe: DeviceProbe = {
    kind: 'cpu',
    costly: false,
    read: () => (answers.shift() ?? (() => Promise.resolve([])))(),
  };
  await using devices = createDevices({ ledger: createMemoryLedger(), probes: [probe], clock, log: silentLog });
  await devices.start();

  await clock.advance(5_000);
  const afterFailure = devices.reports().length;
  await clock.advance(5_000);

  expect(afterFailure).toBe(1);
  expect(devices.reports()).toEqual([]);
});
