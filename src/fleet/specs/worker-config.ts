/** What a spawned worker's config would say if it had one. Pure. */

import { AppError } from '../../contract/index.ts';
import type { DeviceReport, InstanceConfigInput, SpawnRequest } from '../../contract/index.ts';
import { backendFor } from '../../devices/index.ts';

export type NamelessConfig = Omit<InstanceConfigInput, 'name'>;

/** It stays until somebody stops it. Throws DEVICE_NOT_FOUND. */
export function workerConfig(wanted: SpawnRequest, devices: readonly DeviceReport[]): NamelessConfig {
  const { model, backend, port, parallel } = wanted;
  const device = wanted.device === undefined ? null : deviceId(wanted.device, backend, devices);
  return {
    model: { id: model },
    gpu: { backend, ...(device === null || device === 'cpu' ? {} : { devices: [device] }) },
    server: { ...(port === undefined ? {} : { port }), ...(parallel === undefined ? {} : { parallel }) },
    idle_ttl: 'never',
  };
}

function deviceId(wanted: string, backend: SpawnRequest['backend'], all: readonly DeviceReport[]): string {
  const devices = all.filter((device) => computesWith(device, backend));
  const found = /^\d+$/.test(wanted)
    ? devices[Number(wanted)]
    : devices.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
  if (found !== undefined) return found.id;
  const known = devices.map(({ id }) => id).join(', ');
  throw new AppError('DEVICE_NOT_FOUND', `there is no device ${wanted} for ${backend}`, {
    hint: known === '' ? 'run "drover devices" to see what there is' : `there is ${known}`,
  });
}

/** One card may be reached in several ways. */
function computesWith(device: DeviceReport, backend: SpawnRequest['backend']): boolean {
  return backendFor(device) === backend || device.backendNames.some((name) => name.toLowerCase().startsWith(backend));
}
