/** When what a host tells of its devices is worth a write: at once when they are others, else once a minute. Pure. */

import type { DeviceReport } from '../../contract/index.ts';

export interface StoredDevices {
  readonly devices: readonly DeviceReport[];
  /** Epoch ms. */
  readonly storedAt: number;
}

const READINGS_EVERY_MS = 60_000;

export function isWorthStoring(stored: StoredDevices | null, devices: readonly DeviceReport[], now: number): boolean {
  if (stored === null || now - stored.storedAt >= READINGS_EVERY_MS) return true;
  const before = stored.devices;
  return before.length !== devices.length || devices.some((device, at) => !isSame(before[at], device));
}

/** The same device, whatever is measured on it. */
function isSame(a: DeviceReport | undefined, b: DeviceReport): boolean {
  return a !== undefined && identityOf(a) === identityOf(b);
}

function identityOf({ id, kind, name, uuid, totalBytes, backendNames, aliases }: DeviceReport): string {
  return JSON.stringify([id, kind, name, uuid, totalBytes, backendNames, aliases]);
}
