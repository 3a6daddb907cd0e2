/** Which devices a launch uses and how much of each it asks for. Pure; the ledger has the last word. */

import type { InstanceSpec } from '../contract/index.ts';
import type { DeviceKind, DeviceReading } from '../devices/index.ts';
import type { LaunchDevice } from '../engines/index.ts';
import type { Failure, LaunchPlan } from './state.ts';

export type DeviceChoice =
  | {
      readonly kind: 'chosen';
      readonly shares: LaunchPlan['shares'];
      readonly devices: readonly LaunchDevice[];
      /** False for simulated cards: memory is booked on them, and the engine runs on the CPU. */
      readonly computes: boolean;
    }
  | { readonly kind: 'impossible'; readonly failure: Failure };

/** Simulated cards serve every backend: nothing computes on them. */
const SERVES: Readonly<Record<InstanceSpec['gpu']['backend'], readonly DeviceKind[]>> = {
  cpu: ['cpu'],
  cuda: ['nvidia', 'simulated'],
  vulkan: ['nvidia', 'amd', 'simulated'],
  rocm: ['amd', 'simulated'],
  metal: ['apple', 'simulated'],
};

export function chooseDevices(
  spec: InstanceSpec,
  readings: readonly DeviceReading[],
  freeBytes: (device: string) => number,
): DeviceChoice {
  const candidates = spec.gpu.devices.length > 0 ? namedDevices(spec, readings) : servingDevices(spec, readings);
  if (typeof candidates === 'string') return impossible(spec, candidates);
  const chosen = spec.gpu.split === 'none' ? mostFree(candidates, freeBytes) : candidates;
  if (chosen.length === 0) return impossible(spec, `this host has no device for backend ${spec.gpu.backend}`);
  const bytes = Math.ceil(spec.model.memoryBytes / chosen.length);
  return {
    kind: 'chosen',
    shares: chosen.map((device) => ({ device: device.id, bytes })),
    devices: chosen.map((device) => toLaunchDevice(device, spec)),
    computes: chosen.every((device) => device.kind !== 'simulated'),
  };
}

function servingDevices(spec: InstanceSpec, readings: readonly DeviceReading[]): readonly DeviceReading[] {
  return readings.filter((device) => SERVES[spec.gpu.backend].includes(device.kind));
}

/** A text says which name means nothing here. */
function namedDevices(spec: InstanceSpec, readings: readonly DeviceReading[]): readonly DeviceReading[] | string {
  const found: DeviceReading[] = [];
  for (const name of spec.gpu.devices) {
    const device = readings.find((one) => isNamed(one, name));
    if (device === undefined) {
      return `there is no device "${name}"; there are ${readings.map((one) => one.id).join(', ') || 'none'}`;
    }
    found.push(device);
  }
  return found;
}

function isNamed(device: DeviceReading, name: string): boolean {
  return device.id === name || device.uuid === name || device.name.toLowerCase() === name.toLowerCase();
}

function mostFree(
  candidates: readonly DeviceReading[],
  freeBytes: (device: string) => number,
): readonly DeviceReading[] {
  return candidates.toSorted((a, b) => freeBytes(b.id) - freeBytes(a.id) || a.index - b.index).slice(0, 1);
}

function toLaunchDevice(device: DeviceReading, spec: InstanceSpec): LaunchDevice {
  const onCpu = device.kind === 'cpu' || device.kind === 'simulated';
  return { id: device.id, backend: onCpu ? 'cpu' : spec.gpu.backend, index: device.index, uuid: device.uuid };
}

function impossible(spec: InstanceSpec, reason: string): DeviceChoice {
  return {
    kind: 'impossible',
    failure: {
      code: 'CONFIG_INVALID',
      message: `${spec.name}: ${reason}`,
      hint: 'correct "gpu" in its config; "drover devices ls" shows what this host has',
      permanent: true,
    },
  };
}
