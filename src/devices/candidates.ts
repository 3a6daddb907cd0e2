/** Devices as places for a model: what would compute on each, and what it has free. Pure. */

import type { InstanceSpec } from '../contract/index.ts';
import type { DeviceKind, DeviceReading } from './device.ts';

type Backend = InstanceSpec['gpu']['backend'];

export interface Candidate {
  readonly id: string;
  readonly backend: Backend;
  readonly freeBytes: number;
  /** True for a card that draws on the host's memory. */
  readonly unified: boolean;
}

/** What a look tells, with what the ledger has promised. */
export type OccupiedDevice = Pick<DeviceReading, 'id' | 'kind' | 'backendNames' | 'totalBytes' | 'observedBytes'> & {
  readonly reservedBytes: number;
};

const BACKEND_OF_KIND: Readonly<Record<DeviceKind, Backend>> = {
  cpu: 'cpu',
  nvidia: 'cuda',
  simulated: 'cuda',
  amd: 'rocm',
  apple: 'metal',
  other: 'vulkan',
};

/** A card that llama.cpp reaches through Vulkan alone computes with that. */
export function backendFor({ kind, backendNames }: Pick<DeviceReading, 'kind' | 'backendNames'>): Backend {
  const onlyVulkan = backendNames.length > 0 && backendNames.every((name) => name.startsWith('Vulkan'));
  return onlyVulkan ? 'vulkan' : BACKEND_OF_KIND[kind];
}

/** What is promised and what is in use overlap: the greater of the two is not free. */
export function toCandidates(devices: readonly OccupiedDevice[]): readonly Candidate[] {
  return devices.map((device) => ({
    id: device.id,
    backend: backendFor(device),
    freeBytes: Math.max(0, device.totalBytes - Math.max(device.reservedBytes, device.observedBytes ?? 0)),
    unified: device.kind === 'apple',
  }));
}
