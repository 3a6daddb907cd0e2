/** Every place where a launch of a spec could go, whatever lies there now. Pure. */

import type { DeviceReport, InstanceSpec } from '../../contract/index.ts';
import { readingOf } from '../../devices/index.ts';
import { chooseDevices } from '../../instances/index.ts';
import type { Shares } from './eviction.ts';

export function alternativesOf(spec: InstanceSpec, devices: readonly DeviceReport[]): readonly Shares[] {
  const readings = devices.map((device) => {
    const index = devices.filter(({ kind }) => kind === device.kind).indexOf(device);
    return readingOf({ ...device, index });
  });
  const isOpen = ({ roles, condition }: DeviceReport): boolean => roles.includes('instances') && condition === 'normal';
  const closed = new Set(devices.filter((device) => !isOpen(device)).map(({ id }) => id));
  const found = new Map<string, Shares>();
  for (const { id } of devices) {
    const choice = chooseDevices(spec, readings, (device) => (closed.has(device) ? -1 : Number(device === id)));
    if (choice.kind === 'impossible') return [];
    const key = choice.shares.map(({ device }) => device).join();
    if (choice.shares.every(({ device }) => !closed.has(device))) found.set(key, choice.shares);
  }
  return [...found.values()];
}
