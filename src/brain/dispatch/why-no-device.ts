/** Why no device takes a task that needs one, in words for people; null when one has room. Pure. */

import type { DeviceReport } from '../../contract/index.ts';
import { formatBytes, refusalOf } from '../../devices/index.ts';
import type { Lane } from './ready-queue.ts';

export function whyNoDevice(lane: Lane, devices: readonly DeviceReport[]): string | null {
  if (lane.kind === 'script') return whyNoMemory(lane.memoryBytes, devices);
  return lane.kind === 'cpu' ? whyNoCore(devices) : null;
}

function whyNoMemory(bytes: number, devices: readonly DeviceReport[]): string | null {
  const cards = devices.filter(({ kind }) => kind !== 'cpu');
  const reasons = (cards.length > 0 ? cards : devices).map((device) => objectionOf(device, bytes));
  if (reasons.includes(null)) return null;
  return `waits for ${formatBytes(bytes)} of a device: ${reasons.join('; ') || 'there is none'}`;
}

function objectionOf(device: DeviceReport, bytes: number): string | null {
  const { id, condition, why, taskFreeBytes } = device;
  const refusal = refusalOf(device, 'tasks') ?? (condition === 'constrained' ? `constrained: ${why ?? ''}` : null);
  if (refusal !== null) return `${id} ${refusal}`;
  return taskFreeBytes >= bytes ? null : `${id} has ${formatBytes(taskFreeBytes)} free for tasks`;
}

function whyNoCore(devices: readonly DeviceReport[]): string | null {
  const reasons = devices.map((device) => [device.id, refusalOf(device, 'tasks')] as const);
  if (reasons.length === 0 || reasons.some(([, refusal]) => refusal === null)) return null;
  return `waits for a core: ${reasons.map(([id, refusal]) => `${id} ${refusal ?? ''}`).join('; ')}`;
}
