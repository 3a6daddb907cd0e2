/** Whether a model fits the devices that a launch would choose, with the sum that says so. Pure; the ledger decides. */

import type { InstanceProblem } from '../../config/index.ts';
import type { DeviceReport, InstanceSpec } from '../../contract/index.ts';
import { formatBytes, readingOf } from '../../devices/index.ts';
import { chooseDevices } from '../../instances/index.ts';
import type { MemoryEstimate } from '../../models/index.ts';

interface Fitting {
  readonly spec: InstanceSpec;
  readonly estimate: MemoryEstimate | null;
  /** Empty while no agent has told: then nothing is said. */
  readonly devices: readonly DeviceReport[];
}

export function memoryProblems(file: string, { spec, estimate, devices }: Fitting): InstanceProblem[] {
  if (estimate === null || devices.length === 0) return [];
  const choice = chooseDevices(spec, readings(devices), (id) => freeBytes(devices.find((device) => device.id === id)));
  if (choice.kind === 'impossible') {
    const { code: _code, message, hint } = choice.failure;
    return [{ file, path: 'gpu', code: 'CONFIG_INVALID', message, hint, severity: 'error' }];
  }
  return choice.shares.flatMap(({ device: id, bytes }) => {
    const device = devices.find((each) => each.id === id);
    return device === undefined || bytes <= freeBytes(device) ? [] : [tooMuch(file, bytes, device, estimate)];
  });
}

function tooMuch(file: string, bytes: number, device: DeviceReport, estimate: MemoryEstimate): InstanceProblem {
  const never = bytes > device.totalBytes;
  const room = never
    ? `${device.id} has ${formatBytes(device.totalBytes)} in all`
    : `${device.id} has ${formatBytes(freeBytes(device))} free = ${formatBytes(device.totalBytes)} total - ${formatBytes(device.reservedBytes)} reserved`;
  return {
    file,
    path: 'model',
    code: 'MEMORY_INSUFFICIENT',
    message: `needs ${formatBytes(bytes)} (${sumOf(estimate)}); ${room}`,
    hint: never
      ? 'choose a smaller model.context_size, server.parallel or gpu.layers, or spread it: gpu.split'
      : 'stop an instance ("drover ps"), or choose a smaller model.context_size, server.parallel or gpu.layers',
    severity: never ? 'error' : 'warning',
  };
}

function sumOf({ weightsBytes, cacheBytes, overheadBytes, headroomBytes }: MemoryEstimate): string {
  const parts = [
    `weights ${formatBytes(weightsBytes)}`,
    `KV cache ${formatBytes(cacheBytes)}`,
    `overhead ${formatBytes(overheadBytes)}`,
    `head-room ${formatBytes(headroomBytes)}`,
  ];
  return parts.join(' + ');
}

function freeBytes(device: DeviceReport | undefined): number {
  return device === undefined ? 0 : Math.max(0, device.totalBytes - device.reservedBytes);
}

/** Positions count among the devices of one kind. */
function readings(devices: readonly DeviceReport[]) {
  return devices.map((device) => {
    const index = devices.filter(({ kind }) => kind === device.kind).indexOf(device);
    return readingOf({ ...device, index });
  });
}
