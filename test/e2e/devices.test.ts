/** Devices through the whole house: vendors' tools on PATH, names and aliases, and what is known while the agent is away. */

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { DeviceView } from '../../src/contract/index.ts';
import { openHouse, ROOT, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

const FIXTURES = join(ROOT, 'src/devices/tools/fixtures');
let tools = '';
beforeEach(() => void (tools = mkdtempSync(join(tmpdir(), 'drover-tools-'))));
afterEach(() => rmSync(tools, { recursive: true }));

function tool(name: string, script: string): void {
  writeFileSync(join(tools, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(tools, name), 0o755);
}

function answer(fixture: string): string {
  return `cat '${join(FIXTURES, fixture)}'`;
}

/** The first list that is not empty: the daemon answers before its agent has come. */
function devicesOf(house: House): Promise<DeviceView[]> {
  return until(
    () => house.json<DeviceView[]>('devices', 'ls'),
    (devices) => devices.length > 0,
  );
}

/** A house whose tools come first on PATH. */
async function houseWith(settings: object): Promise<House> {
  const house = await openHouse({ PATH: `${tools}:${process.env['PATH'] ?? ''}` });
  mkdirSync(house.home, { recursive: true });
  writeFileSync(join(house.home, 'config.json'), JSON.stringify(settings));
  return house;
}

test('cards that tools and llama.cpp tell of are devices with all their names, also for configs', async () => {
  tool('nvidia-smi', `case "$1" in -L) ;; *) ${answer('nvidia-smi.one-card.csv')};; esac`);
  tool('rocm-smi', answer('rocm-smi.json'));
  tool('llama-server', answer('llama-list.rpc.txt'));
  await using house = await houseWith({ device_aliases: { big: '3b1c' } });

  const devices = await devicesOf(house);
  await house.drover('models', 'demo');
  await house.drover('init', 'chat', '--profile', 'cuda', '-m', 'demo');
  house.editConfig('chat', (config) => ({ ...config, gpu: { backend: 'cuda', devices: ['bigg'] } }));
  const refused = await house.drover('up', 'chat');

  expect(devices).toMatchObject([
    { id: 'cpu', kind: 'cpu', connected: true },
    { id: 'gpu0', name: 'NVIDIA GeForce RTX 3090', backend_names: ['CUDA0'], aliases: ['big'], temperature_c: 47 },
    { id: 'amd0', name: 'Radeon RX 7900 XT', backend_names: ['ROCm0'] },
  ]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('there is no device "bigg"');
  expect(refused.stderr).toContain('did you mean "big"');
});

test('the devices of an agent that is away are shown as it told them last, with their age', async () => {
  tool('nvidia-smi', `case "$1" in -L) ;; *) ${answer('nvidia-smi.five-cards.csv')};; esac`);
  await using house = await houseWith({});
  const told = await devicesOf(house);

  await house.drover('daemon', 'stop', '--all');
  await house.drover('daemon', 'start', '--no-agent');
  const known = await house.json<DeviceView[]>('devices', 'ls');
  const shown = await house.drover('devices', 'ls');

  expect(told.map(({ id }) => id)).toEqual(['cpu', 'gpu0', 'gpu1', 'gpu2', 'gpu3', 'gpu4']);
  expect(known.map(({ id, connected }) => [id, connected])).toEqual(told.map(({ id }) => [id, false]));
  expect(Date.parse(known[0]?.seen_at ?? '')).toBeLessThanOrEqual(Date.now());
  expect(shown.stdout).toMatch(/^HOST \S+, last seen \S+ ago: its agent is away$/m);
});

test('a tool that hangs costs the start its time and nothing more', async () => {
  tool('nvidia-smi', "trap '' TERM INT; exec sleep 600");
  await using house = await houseWith({});

  const devices = await devicesOf(house);

  expect(devices.map(({ id }) => id)).toEqual(['cpu']);
});
