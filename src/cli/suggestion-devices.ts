/** Devices as candidates for a model: what would compute on each, and what it has free. Pure. */

import type { Profile } from '../config/instance-template.ts';
import type { DeviceReport } from '../contract/devices.ts';
import type { CandidateDevice } from '../models/index.ts';

export interface SuggestionDevice {
  readonly id: string;
  readonly kind: DeviceReport['kind'];
  readonly backendNames: readonly string[];
  readonly totalBytes: number;
  readonly reservedBytes: number;
  readonly observedBytes: number | null;
}

const BACKEND_OF_KIND: Readonly<Record<DeviceReport['kind'], Profile>> = {
  cpu: 'cpu',
  nvidia: 'cuda',
  simulated: 'cuda',
  amd: 'rocm',
  apple: 'metal',
  other: 'vulkan',
};

/** A card that llama.cpp reaches through Vulkan alone computes with that. */
export function backendFor({ kind, backendNames }: Pick<SuggestionDevice, 'kind' | 'backendNames'>): Profile {
  const onlyVulkan = backendNames.length > 0 && backendNames.every((name) => name.startsWith('Vulkan'));
  return onlyVulkan ? 'vulkan' : BACKEND_OF_KIND[kind];
}

/** What is promised and what is in use overlap: the greater of the two is not free. */
export function toCandidates(devices: readonly SuggestionDevice[]): readonly CandidateDevice[] {
  return devices.map((device) => ({
    id: device.id,
    backend: backendFor(device),
    freeBytes: Math.max(0, device.totalBytes - Math.max(device.reservedBytes, device.observedBytes ?? 0)),
    unified: device.kind === 'apple',
  }));
}
