/** A simulated rig: memory is booked on its cards, the engine runs on the CPU, and a full card says no with its sums. */

import { expect, test } from 'vitest';

import type { DeviceView, InstanceView } from '../../src/contract/index.ts';
import { openHouse } from '../support/house.ts';

const MIB = 1024 * 1024;

test('instances are booked on the simulated cards, the emptiest first, and refused when none has room', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '2x1024' });
  await house.drover('models', 'demo');
  for (const name of ['one', 'two', 'three']) await house.drover('init', name, '--profile', 'cuda', '-m', 'demo');

  expect(await house.drover('up', 'one', 'two')).toMatchObject({ code: 0 });
  const refused = await house.drover('up', 'three');

  const rows = (await house.json<InstanceView[]>('ps')).filter((row) => row.status === 'ready');
  expect(rows.map((row) => row.device).toSorted()).toEqual(['sim0', 'sim1']);
  const devices = await house.json<DeviceView[]>('devices', 'ls');
  expect(devices.filter((device) => device.kind === 'simulated')).toMatchObject([
    { id: 'sim0', total_bytes: 1024 * MIB, reserved_bytes: expect.any(Number) },
    { id: 'sim1', total_bytes: 1024 * MIB },
  ]);
  expect(devices.every((device) => device.reserved_bytes <= device.total_bytes)).toBe(true);
  expect(refused).toMatchObject({ code: 8 });
  expect(refused.stderr).toContain('MEMORY_INSUFFICIENT');
  expect(await house.drover('infer', '--model', 'one', '--prompt', 'hello', '--max-tokens', '4')).toMatchObject({
    code: 0,
  });
});

test('an instance that was removed keeps nothing from being stopped', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  for (const name of ['one', 'two']) await house.drover('init', name, '--profile', 'cpu', '-m', 'demo');
  expect(await house.drover('up', 'one', 'two')).toMatchObject({ code: 0 });

  expect(await house.drover('rm', 'one')).toMatchObject({ code: 0 });
  expect(await house.drover('daemon', 'stop', '--all')).toMatchObject({ code: 0 });

  expect(house.processes()).toEqual([]);
});
