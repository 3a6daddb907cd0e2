import { expect, test } from 'vitest';

import { cpuDevice } from '../../../test/support/fake-agents.ts';
import type { DeviceReport } from '../../contract/index.ts';
import { scriptDevices } from './script-devices.ts';

const CPU = cpuDevice(2);
const CARD: DeviceReport = { ...CPU, id: 'gpu0', kind: 'nvidia' };

function on(hosts: Readonly<Record<string, readonly DeviceReport[]>>): readonly string[] {
  const agents = { connected: () => Object.keys(hosts), devices: (host: string) => hosts[host] ?? [] };
  return scriptDevices(agents).map(({ id }) => id);
}

test('a host with cards takes scripts on them alone: its own memory makes no room for one that is too large', () => {
  expect(on({ rig: [CPU, CARD] })).toEqual(['gpu0']);
  expect(on({ rig: [CPU, CARD], desk: [CPU] })).toEqual(['gpu0', 'cpu']);
  expect(on({})).toEqual([]);
});
