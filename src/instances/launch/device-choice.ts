/** Which devices a launch uses and how much of each it asks for. Pure; the ledger has the last word. */

import type { InstanceSpec } from '../../contract/index.ts';
import { findDevice } from '../../devices/index.ts';
import type { DeviceKind, DeviceReading } from '../../devices/index.ts';
import type { LaunchDevice } from '../../engines/index.ts';
import type { Failure, LaunchPlan } from '../machine/state.ts';

type DeviceChoice =
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
  vulkan: ['nvidia', 'amd', 'other', 'simulated'],
  rocm: ['amd', 'simulated'],
  metal: ['apple', 'simulated'],
};

export function chooseDevices(
  spec: InstanceSpec,
  readings: readonly DeviceReading[],
  freeBytes: (device: string) => number,
): DeviceChoice {
  const named = spec.gpu.devices.length > 0;
  const candidates = named ? namedDevices(spec, readings) : willing(servingDevices(spec, readings), freeBytes);
  if ('message' in candidates) return impossible(spec, candidates.message, candidates.hint);
  const chosen = spec.gpu.split === 'none' ? mostFree(candidates, freeBytes) : candidates;
  if (chosen.length === 0) {
    return impossible(spec, `this host has no device for backend ${spec.gpu.backend}`, SEE_DEVICES);
  }
  const bytes = Math.ceil(spec.model.memoryBytes / chosen.length);
  const shares = chosen.map((device) => ({ device: device.id, bytes }));
  return {
    kind: 'chosen',
    shares: [...shares, ...restOnCpu(spec, readings, chosen)],
    devices: chosen.map((device) => toLaunchDevice(device, spec)),
    computes: chosen.every((device) => device.kind !== 'simulated'),
  };
}

/** Layers that no card takes are computed by the CPU, out of the host's memory. */
function restOnCpu(
  { model }: InstanceSpec,
  readings: readonly DeviceReading[],
  chosen: readonly DeviceReading[],
): LaunchPlan['shares'] {
  const cpu = readings.find(({ kind }) => kind === 'cpu');
  if (cpu === undefined || model.hostMemoryBytes === 0 || chosen.includes(cpu)) return [];
  return [{ device: cpu.id, bytes: model.hostMemoryBytes }];
}

function servingDevices(spec: InstanceSpec, readings: readonly DeviceReading[]): readonly DeviceReading[] {
  return readings.filter((device) => SERVES[spec.gpu.backend].includes(device.kind));
}

/** Less than nothing is free where no such instance is wanted; when that is everywhere, the ledger shall say why. */
function willing(devices: readonly DeviceReading[], freeBytes: (device: string) => number): readonly DeviceReading[] {
  const open = devices.filter(({ id }) => freeBytes(id) >= 0);
  return open.length > 0 ? open : devices;
}

/** Or what is wrong with the first name that means no device. */
function namedDevices(
  spec: InstanceSpec,
  readings: readonly DeviceReading[],
): readonly DeviceReading[] | { readonly message: string; readonly hint: string } {
  const found: DeviceReading[] = [];
  for (const name of spec.gpu.devices) {
    const lookup = findDevice(readings, name);
    if (lookup.kind === 'unknown') return lookup;
    if (!found.includes(lookup.device)) found.push(lookup.device);
  }
  return found;
}

function mostFree(
  candidates: readonly DeviceReading[],
  freeBytes: (device: string) => number,
): readonly DeviceReading[] {
  return candidates.toSorted((a, b) => freeBytes(b.id) - freeBytes(a.id) || a.index - b.index).slice(0, 1);
}

function toLaunchDevice(device: DeviceReading, spec: InstanceSpec): LaunchDevice {
  const onCpu = device.kind === 'cpu' || device.kind === 'simulated';
  const backend = onCpu ? 'cpu' : spec.gpu.backend;
  return { id: device.id, backend, index: indexIn(backend, device), uuid: device.uuid };
}

/** Vulkan counts the cards of all vendors: only llama.cpp's own list knows its numbers. */
function indexIn(backend: LaunchDevice['backend'], { backendNames, index }: DeviceReading): number {
  const counted = backendNames.map((name) => /^(\D+)(\d+)$/.exec(name)).find((match) => match?.[1] === 'Vulkan');
  return backend === 'vulkan' && counted?.[2] !== undefined ? Number(counted[2]) : index;
}

const SEE_DEVICES = '"drover devices ls" shows what this host has';

function impossible(spec: InstanceSpec, reason: string, hint: string): DeviceChoice {
  const message = `${spec.name}: ${reason}`;
  return { kind: 'impossible', failure: { code: 'CONFIG_INVALID', message, hint, permanent: true } };
}
