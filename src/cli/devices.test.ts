/** `drover devices …`: what a terminal of 80 columns shows, what is suggested with a daemon and without one. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { json, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import type { DeviceView } from '../contract/daemon.ts';
import { writeDemoModel } from '../models/index.ts';
import { renderDevices } from './device-table.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

const GIB = 1024 ** 3;
const NOW = Date.parse('2026-11-21T05:00:00.000Z');

function device(changes: Partial<DeviceView> = {}): DeviceView {
  return {
    host: hostname(),
    id: 'gpu0',
    kind: 'nvidia',
    name: 'NVIDIA GeForce RTX 3090',
    uuid: 'GPU-1',
    backend_names: ['CUDA0'],
    aliases: [],
    roles: ['tasks', 'instances', 'brain'],
    condition: 'normal',
    why: null,
    held_until: null,
    connected: true,
    seen_at: '2026-11-21T04:57:00.000Z',
    total_bytes: 24 * GIB,
    reserved_bytes: 12 * GIB,
    observed_bytes: 6 * GIB,
    task_budget_bytes: 19 * GIB,
    task_free_bytes: 19 * GIB,
    temperature_c: 61.4,
    power_w: 118.2,
    power_limit_w: 350,
    utilisation_percent: 40,
    core_clock_mhz: null,
    memory_clock_mhz: null,
    throttle_reasons: [],
    pcie_generation: null,
    pcie_width: null,
    load_rate: null,
    load_group: 'shared',
    task_slots: { busy: 0, total: 0 },
    heartbeat: null,
    instances: [],
    workers: [],
    ended: { succeeded: 0, failed: 0 },
    ...changes,
  };
}

const CPU = device({
  id: 'cpu',
  kind: 'cpu',
  name: 'AMD Ryzen 9 7950X 16-Core Processor',
  backend_names: [],
  reserved_bytes: 0,
  observed_bytes: null,
  total_bytes: 64 * GIB,
  temperature_c: null,
  power_w: null,
  power_limit_w: null,
  task_slots: { busy: 3, total: 16 },
});

describe('devices ls', () => {
  test('fits a terminal of 80 columns, names cut', () => {
    const shown = renderDevices([CPU, device({ aliases: ['left'] })], { columns: 80, now: NOW });

    expect(shown.trimEnd().split('\n').slice(1)).toEqual([
      'DEVICE  ALIAS  NAME      BACKEND  USED/RESERVED/TOTAL      TEMP     POWER  TASKS',
      'cpu     -      AMD Ryz…  -        ░░░░░░░░ -/0.0/64.0G        -         -   3/16',
      'gpu0    left   NVIDIA …  CUDA0    ██▒▒░░░░ 6.0/12.0/24.0G  61°C  118/350W      -',
    ]);
  });

  test('leaves out columns that would be empty', () => {
    const simulated = device({ id: 'sim0', kind: 'simulated', name: 'GTX 1660', backend_names: [] });

    expect(renderDevices([simulated], { columns: 80, now: NOW }).split('\n')[1]).toMatch(/^DEVICE  NAME      USED/);
  });

  test('leaves names whole where there is room', () => {
    expect(renderDevices([CPU], { columns: 160, now: NOW })).toContain('AMD Ryzen 9 7950X 16-Core Processor');
  });

  test('says how old it is what a host told whose agent is away', () => {
    const views = [device({ host: 'attic', connected: false }), device({ host: 'cellar' })];

    expect(renderDevices(views, { columns: 120, now: NOW }).match(/^HOST .*/gm)).toEqual([
      'HOST attic, last seen 3m00s ago: its agent is away',
      'HOST cellar',
    ]);
  });

  test('is the views themselves with --json', async () => {
    await using _ = await startStandIn(home.path, { 'GET /v2/devices': json([CPU, device()]) });

    const ran = await home.run(['devices', 'ls', '--json']);

    expect(JSON.parse(ran.stdout)).toEqual([CPU, device()]);
  });

  test('is friendly when nothing is known', () => {
    expect(renderDevices([], { columns: 80, now: NOW })).toContain('no device is known yet');
  });
});

describe('devices suggest', () => {
  test('looks at a model file without a daemon, and shows sum, config and command', async () => {
    const { path } = writeDemoModel(join(home.path, 'drover-demo.gguf'));

    const ran = await home.run(['devices', 'suggest', '-m', path, '--context', '4096', '--parallel', '2'], {
      env: { DROVER_SIMULATE_RIG: '1x2048' },
    });

    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('1 of 1 layer on sim0, 4096 tokens × 2 slots');
    expect(ran.stdout).toContain('1 layer × 1 kv head × (64 × 2 + 64 × 2) bytes × 4096 tokens × 2 slots');
    expect(ran.stdout).toMatch(/overhead {3}256 MB {2}the greater of 256 MB and 3 % of \d+ MB/);
    expect(ran.stdout).toContain(`drover init drover-demo --profile cuda -m ${path}`);
  });

  test('asks a running daemon for the catalogue and for what is free', async () => {
    const { path } = writeDemoModel(join(home.path, 'drover-demo.gguf'));
    const full = device({ id: 'gpu0', reserved_bytes: 23.9 * GIB });
    const answers = {
      'GET /v2/models/demo': json({ id: 'demo', path }),
      'GET /v2/devices': json([CPU, full, device({ id: 'gpu1', observed_bytes: 2 * GIB })]),
    };
    await using _ = await startStandIn(home.path, answers);

    const ran = await home.run(['devices', 'suggest', '--model', 'demo', '--json']);

    expect(JSON.parse(ran.stdout)).toMatchObject({
      placement: 'one-card',
      backend: 'cuda',
      devices: ['gpu1'],
      layers: 1,
      context_size: 32_768,
      shares: [{ device: 'gpu1', free_bytes: 12 * GIB }],
      config: {
        model: { id: 'demo', context_size: 32_768 },
        server: { parallel: 1 },
        gpu: { backend: 'cuda', devices: ['gpu1'], layers: 'all', split: 'none' },
      },
      command: 'drover init demo --profile cuda -m demo',
    });
  });

  test('what does not fit ends with the sum and the context that would', async () => {
    const { path } = writeDemoModel(join(home.path, 'drover-demo.gguf'));
    const small = [device({ total_bytes: 1.2 * GIB, reserved_bytes: 0, observed_bytes: 0 })];
    await using _ = await startStandIn(home.path, { 'GET /v2/devices': json(small) });

    const ran = await home.run(['devices', 'suggest', '-m', path, '--context', '1048576', '--parallel', '8']);

    expect(ran.code).toBe(8);
    expect(ran.stderr).toContain('does not fit with 1048576 tokens × 8 slots; free: gpu0 1.2 GiB');
    expect(ran.stderr).toMatch(/--context \d+ would fit, on gpu0/);
  });

  test.each([
    [['-m', 'missing.gguf'], 4, 'MODEL_FILE_MISSING'],
    [['-m', 'demo'], 6, 'DAEMON_UNREACHABLE'],
    [['-m', 'demo', '--context', '100'], 2, 'too short'],
    [['-m', 'demo', '--parallel', '0'], 2, 'out of range'],
    [[], 2, 'model'],
  ])('is no trace for %j', async (args, code, said) => {
    const ran = await home.run(['devices', 'suggest', ...args]);

    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(said);
    expect(ran.stderr).not.toContain('    at ');
  });
});

describe('init', () => {
  const path = process.env['PATH'];
  afterEach(() => void (process.env['PATH'] = path));

  test('shows the cards of any vendor, and the profile that fits them', async () => {
    const tool = join(home.path, 'rocm-smi');
    writeFileSync(tool, `#!/bin/sh\ncat '${join(import.meta.dirname, '../devices/tools/fixtures/rocm-smi.json')}'\n`);
    chmodSync(tool, 0o755);
    process.env['PATH'] = `${home.path}:/usr/bin:/bin`;

    const ran = await home.run(['init', 'chat', '-m', 'demo']);

    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('device: amd0 Radeon RX 7900 XT (20.0 GiB)');
    expect(ran.stderr).toContain('drover init chat --force --profile rocm');
  });
});

describe('what people decide about devices', () => {
  test('a device that is not normal says so, why, and for how long', () => {
    const held = device({
      condition: 'reserved',
      why: 'a game',
      held_until: '2026-11-21T07:00:00.000Z',
      roles: ['instances'],
    });

    const shown = renderDevices([held], { columns: 200, now: NOW });

    expect(shown).toMatch(/^DEVICE {2}CONDITION {2}ROLES/m);
    expect(shown).toMatch(/^gpu0 {4}reserved {3}instances/m);
    expect(shown).toContain('gpu0 is reserved: a game, until 2026-11-21T07:00:00.000Z\n');
  });

  test('is sent as it was said, by any name of the device', async () => {
    const answer = json(device({ held_until: '2026-11-21T07:00:00.000Z' }));
    await using controller = await startStandIn(home.path, {
      'POST /v2/devices/*': answer,
      'PUT /v2/devices/*': answer,
    });

    const reserved = await home.run(['devices', 'reserve', 'attic/gpu0', '--for', '2h', '--reason', 'a game']);
    await home.run(['devices', 'quarantine', 'gpu0']);
    await home.run(['devices', 'roles', 'gpu0', 'tasks,instances']);
    await home.run(['devices', 'roles', 'gpu0', 'off']);
    await home.run(['devices', 'roles', 'gpu0', 'default']);

    expect(reserved).toMatchObject({
      code: 0,
      stdout: `${hostname()}/gpu0 is reserved until 2026-11-21T07:00:00.000Z\n`,
    });
    expect(controller.asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/v2/devices/attic%2Fgpu0/reserve', { for_ms: 7_200_000, reason: 'a game' }],
      ['POST', '/v2/devices/gpu0/quarantine', { reason: null }],
      ['PUT', '/v2/devices/gpu0/roles', { roles: ['tasks', 'instances'] }],
      ['PUT', '/v2/devices/gpu0/roles', { roles: [] }],
      ['PUT', '/v2/devices/gpu0/roles', { roles: null }],
    ]);
  });

  test('with a role that there is not ends with a usage error', async () => {
    expect(await home.run(['devices', 'roles', 'gpu0', 'tasks,games'])).toMatchObject({ code: 2 });
  });
});

describe('devices monitor', () => {
  test('prints a line per device and look, keeps a log, and sums up', async () => {
    await using _ = await startStandIn(home.path, { 'GET /v2/devices': json([CPU, device()]) });
    const log = join(home.path, 'devices.jsonl');

    const ran = await home.run([
      'devices',
      'monitor',
      '--interval',
      '20ms',
      '--for',
      '50ms',
      '--log',
      log,
      '--summary',
    ]);

    const looks = readFileSync(log, 'utf8').trim().split('\n');
    expect(ran.code).toBe(0);
    expect(ran.stdout.split('\n')[1]).toContain(`${hostname()}/gpu0 normal 61C 118W 40% 6144/12288/24576MB`);
    expect(looks.length).toBeGreaterThanOrEqual(2);
    expect(JSON.parse(looks[0] ?? '')).toMatchObject({
      at: expect.any(String),
      devices: [{ id: 'cpu' }, { id: 'gpu0' }],
    });
    expect(ran.stdout).toMatch(
      new RegExp(`gpu0 +${looks.length} +61/61/61 +118/118/118 +40/40/40 .* normal ${looks.length}$`, 'm'),
    );
  });

  test('sums up within the width of a terminal, and says what the three values are', async () => {
    await using _ = await startStandIn(home.path, { 'GET /v2/devices': json([CPU, device()]) });

    const argv = ['devices', 'monitor', '--interval', '20ms', '--for', '10ms', '--summary'];
    const { stdout } = await home.run(argv, { terminal: true });

    const summary = stdout.slice(stdout.lastIndexOf('DEVICE')).trim().split('\n');
    expect(summary.at(-1)).toBe('each value: least/mean/greatest');
    expect(summary.filter((line) => line.length > 80)).toEqual([]);
    expect(summary[0]).toMatch(/^DEVICE +READINGS.*USED MB +CONDITION$/);
  });
});
