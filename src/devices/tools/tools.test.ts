/** The sources of devices against programs on PATH: fakes in every mood. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { silentLog, systemClock } from '../../kernel/index.ts';
import type { Log } from '../../kernel/index.ts';
import { createDevices } from '../devices.ts';
import type { Devices } from '../devices.ts';
import { createMemoryLedger } from '../ledger/memory-ledger.ts';
import { createDeviceSources } from '../probes.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const path = process.env['PATH'];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-tools-'));
  process.env['PATH'] = `${folder}:/usr/bin:/bin`;
});

afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

/** A program of that name on PATH. */
function program(name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

function answer(fixture: string): string {
  return `cat '${join(FIXTURES, fixture)}'`;
}

function host({ llamaServer = null as string | null, log = silentLog, toolTimeoutMs = 10_000 } = {}): Devices {
  const ledger = createMemoryLedger();
  const sources = createDeviceSources({
    simulatedFolder: '/nowhere',
    simulateRig: null,
    llamaServer: () => Promise.resolve(llamaServer),
    clock: systemClock,
    random: () => 0.5,
    ledger,
    toolTimeoutMs,
  });
  return createDevices({ ...sources, ledger, clock: systemClock, log });
}

/** A log that keeps its warnings. */
function warningsOf(): { readonly log: Log; readonly warnings: unknown[] } {
  const warnings: unknown[] = [];
  return { log: { ...silentLog, warn: (fields) => void warnings.push(fields) }, warnings };
}

const idsOf = (devices: Devices) => devices.readings().map(({ id }) => id);

test('with no tool at all there is the CPU', async () => {
  const { log, warnings } = warningsOf();
  await using devices = host({ log });

  await devices.refresh();

  expect(idsOf(devices)).toEqual(['cpu']);
  expect(warnings).toEqual([]);
});

test('tools of two vendors and a llama-server see a card once each', async () => {
  program('nvidia-smi', `case "$1" in -L) echo 'GPU 0: RTX 3090';; *) ${answer('nvidia-smi.one-card.csv')};; esac`);
  program('rocm-smi', answer('rocm-smi.json'));
  const llamaServer = program('llama-server', answer('llama-list.rpc.txt'));
  await using devices = host({ llamaServer });

  await devices.refresh();

  expect(devices.readings().slice(1)).toMatchObject([
    { id: 'gpu0', name: 'NVIDIA GeForce RTX 3090', temperatureC: 47, backendNames: ['CUDA0'] },
    { id: 'amd0', name: 'Radeon RX 7900 XT', temperatureC: 45, backendNames: ['ROCm0'] },
  ]);
});

test('amd-smi is preferred to rocm-smi', async () => {
  program(
    'amd-smi',
    `case "$1" in static) ${answer('amd-smi.static.json')};; *) ${answer('amd-smi.metric.json')};; esac`,
  );
  program('rocm-smi', answer('rocm-smi.json'));
  await using devices = host();

  await devices.refresh();

  expect(devices.readings().map(({ name }) => name)).toContain('AMD Instinct MI300X');
});

test('a divided card is found with its parts', async () => {
  const list = answer('nvidia-smi.mig.list.txt');
  program(
    'nvidia-smi',
    `case "$1" in -L) ${list};; -q) ${answer('nvidia-smi.mig.xml')};; *) ${answer('nvidia-smi.mig.csv')};; esac`,
  );
  await using devices = host();

  await devices.refresh();

  expect(idsOf(devices)).toEqual(['cpu', 'gpu0-mig0', 'gpu0-mig1', 'gpu1']);
});

test('a tool that fails is complained of once in its own words, and again when it says something else', async () => {
  program('nvidia-smi', 'echo "NVIDIA-SMI has failed because it could not communicate with the driver."; exit 9');
  const { log, warnings } = warningsOf();
  await using devices = host({ log });

  await devices.refresh();
  await devices.refresh();
  program('nvidia-smi', 'echo "Driver/library version mismatch" >&2; exit 18');
  await devices.refresh();

  expect(idsOf(devices)).toEqual(['cpu']);
  expect(warnings).toEqual([
    { source: 'nvidia', error: 'nvidia-smi: NVIDIA-SMI has failed because it could not communicate with the driver.' },
    { source: 'nvidia', error: 'nvidia-smi: Driver/library version mismatch' },
  ]);
});

test('a tool that prints garbage, endlessly or not, is a tool that fails', async () => {
  program('nvidia-smi', 'yes garbage');
  program('rocm-smi', 'head -c 1000 /dev/urandom');
  program('amd-smi', 'echo "Traceback (most recent call last):"; exit 0');
  const llamaServer = program('llama-server', 'head -c 5000 /dev/urandom');
  const { log, warnings } = warningsOf();
  await using devices = host({ log, llamaServer });

  await devices.refresh();

  expect(idsOf(devices)).toEqual(['cpu']);
  expect(warnings).toMatchObject([{ source: expect.stringMatching(/nvidia|amd/) }, { source: expect.any(String) }]);
});

test('a tool that hangs, and ignores being told to end, holds up nobody beyond its time', async () => {
  program('nvidia-smi', "trap '' TERM INT; exec sleep 1000");
  const { log, warnings } = warningsOf();
  await using devices = host({ log, toolTimeoutMs: 300 });

  await devices.refresh();

  expect(idsOf(devices)).toEqual(['cpu']);
  expect(warnings).toMatchObject([{ error: 'nvidia-smi: no answer within 300 ms' }]);
});

test('a card whose tool fails later stays, without measurements', async () => {
  program('nvidia-smi', answer('nvidia-smi.one-card.csv'));
  await using devices = host();
  await devices.refresh();

  program('nvidia-smi', 'exit 3');
  await devices.refresh();

  expect(devices.readings()[1]).toMatchObject({
    id: 'gpu0',
    temperatureC: null,
    observedBytes: null,
    powerLimitW: 350,
  });
});

test('a llama-server is asked once, until it is replaced', async () => {
  const count = join(folder, 'count');
  const llamaServer = program('llama-server', `echo x >> '${count}'; ${answer('llama-list.none.txt')}`);
  await using devices = host({ llamaServer });

  await devices.refresh();
  await devices.refresh();
  program('llama-server', `echo y >> '${count}'; ${answer('llama-list.vulkan.txt')}`);
  await devices.refresh();

  expect(readFileSync(count, 'utf8')).toBe('x\ny\n');
  expect(idsOf(devices)).toEqual(['cpu', 'amd0', 'card0']);
});

test('a card that falls off its bus makes the tool fail; the others answer for themselves, and it is lost', async () => {
  const second = `sed -n 2p '${join(FIXTURES, 'nvidia-smi.five-cards.csv')}'`;
  program('nvidia-smi', `case "$1" in -L) ;; *) ${answer('nvidia-smi.five-cards.csv')};; esac`);
  await using devices = host();
  await devices.refresh();

  const broken = 'echo "Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost."; exit 15';
  program('nvidia-smi', `case "$*" in -L) ;; *--id=GPU-2222*) ${second};; *) ${broken};; esac`);
  for (let look = 0; look < 3; look++) await devices.refresh();
  const lost = devices.reports().map(({ id, condition }) => `${id} ${condition}`);
  program('nvidia-smi', `case "$1" in -L) ;; *) ${answer('nvidia-smi.five-cards.csv')};; esac`);
  await devices.refresh();

  expect(lost).toEqual(['cpu normal', 'gpu0 lost', 'gpu1 normal', 'gpu2 lost', 'gpu3 lost', 'gpu4 lost']);
  expect(devices.reports().every(({ condition }) => condition === 'normal')).toBe(true);
});

test('an old driver is asked again without the fields that it does not know', async () => {
  program(
    'nvidia-smi',
    `case "$*" in -L) ;; *pcie*) echo 'Field "pcie.link.gen.max" is not a valid field to query.'; exit 2;; *) ${answer('nvidia-smi.basic.csv')};; esac`,
  );
  await using devices = host();

  await devices.refresh();

  expect(devices.readings()[1]).toMatchObject({ id: 'gpu0', name: 'Tesla K20, rev. 2', coreClockMhz: null });
});

test('memory of processes is known while tasks are on the cards, and what nobody holds is not explained', async () => {
  program(
    'nvidia-smi',
    `case "$*" in -L) ;; *compute-apps*) ${answer('nvidia-smi.processes.csv')};; *) ${answer('nvidia-smi.five-cards.csv')};; esac`,
  );
  await using devices = host();
  await devices.refresh();
  const use = { device: 'gpu0', owner: 'task:a', pids: new Set([4211]) };
  const before = devices.usedBy(use);
  devices.ledger.reserve({ owner: 'task:a', kind: 'task', shares: [{ device: 'gpu0', bytes: 1024 ** 3 }] });
  await devices.refresh();

  expect([before, devices.usedBy(use)]).toEqual([null, 3072 * 1024 ** 2]);
  expect(devices.usedBy({ ...use, pids: new Set([1]) })).toBeNull();
  expect(devices.unexplainedBytes('gpu0', (pid) => pid === 4211)).toBe((512 - 256) * 1024 ** 2);
});
