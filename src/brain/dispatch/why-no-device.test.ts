/** What is said of a task that no device takes. */

import { expect, test } from 'vitest';

import { cpuDevice } from '../../../test/support/fake-agents.ts';
import type { DeviceReport } from '../../contract/index.ts';
import { whyNoDevice } from './why-no-device.ts';

const GIB = 2 ** 30;
const script = { kind: 'script', memoryBytes: 3 * GIB } as const;
const card = (id: string, change: Partial<DeviceReport> = {}): DeviceReport => ({
  ...cpuDevice(0),
  id,
  kind: 'simulated',
  ...change,
});

test('each card is named with its reason', () => {
  const cards = [
    card('sim0', { roles: ['instances'] }),
    card('sim1', { condition: 'constrained', why: 'too hot for new tasks (90 °C) until it is below 80' }),
    card('sim2', { condition: 'reserved', why: 'a game' }),
    card('sim3', { taskFreeBytes: GIB }),
  ];

  expect(whyNoDevice(script, [cpuDevice(2), ...cards])).toBe(
    'waits for 3.0 GiB of a device: sim0 it takes no tasks (its roles: instances); ' +
      'sim1 constrained: too hot for new tasks (90 °C) until it is below 80; sim2 reserved: a game; ' +
      'sim3 has 1.0 GiB free for tasks',
  );
});

test('nothing is said where one has room, nor of a full CPU', () => {
  expect(whyNoDevice(script, [card('sim0', { roles: [] }), card('sim1')])).toBeNull();
  expect(whyNoDevice({ kind: 'cpu' }, [cpuDevice(2, { taskSlots: { busy: 2, total: 2 } })])).toBeNull();
});

test('cpu work waits where every device is off', () => {
  expect(whyNoDevice({ kind: 'cpu' }, [cpuDevice(2, { roles: [] })])).toBe(
    'waits for a core: cpu it takes no tasks (its roles: off)',
  );
});
