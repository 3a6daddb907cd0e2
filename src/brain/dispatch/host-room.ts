/** What a host can still take, by what it reports of its devices and by what it holds. Pure; what goes there is picked elsewhere. */

import type { DeviceReport } from '../../contract/index.ts';

/** What an attempt that a host holds is charged with. */
export interface Charge {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Null until the agent has said where it runs. */
  readonly device: string | null;
}

/** A device that takes scripts now. */
export interface DeviceRoom {
  readonly id: string;
  /** Also needs a core: the CPU's own memory. */
  readonly isCpu: boolean;
  readonly budgetBytes: number;
  freeBytes: number;
}

/** What a host can take, as far as we know; charged as picks are made. */
export interface HostRoom {
  readonly host: string;
  freeCores: number;
  /** Further attempts that may wait at the agent, so that it never idles between two short ones. */
  ahead: number;
  readonly devices: readonly DeviceRoom[];
  /** Lanes of which it takes nothing for now. */
  readonly closed: ReadonlySet<string>;
}

export interface HostLoad {
  readonly host: string;
  readonly devices: readonly DeviceReport[];
  readonly held: readonly Charge[];
  /** Smoothed run time of its attempts; null before the first. */
  readonly typicalMs: number | null;
  readonly closed: ReadonlySet<string>;
}

/** A host's room after what it holds. */
export function roomOf(load: HostLoad): HostRoom {
  const cores = coresOf(load.devices);
  const used = load.held.reduce((sum, charge) => sum + charge.cores, 0);
  const cards = load.devices.filter((device) => device.kind !== 'cpu');
  const devices = (cards.length > 0 ? cards : load.devices).filter(takesScripts).map(toDeviceRoom);
  const crowded = load.held.filter((charge) => !chargeMemory(devices, charge)).length;
  const ahead = aheadOf(cores, load.typicalMs) - Math.max(0, used - cores) - crowded;
  const { host, closed } = load;
  return { host, freeCores: Math.max(0, cores - used), ahead: Math.max(0, ahead), devices, closed };
}

/** Cpu tasks that a host runs at a time. */
export function coresOf(devices: readonly DeviceReport[]): number {
  return devices.filter(takesTasks).reduce((sum, device) => sum + device.taskSlots.total, 0);
}

/** A constrained device goes on with cpu and meta work. */
function takesTasks({ roles, condition }: DeviceReport): boolean {
  return roles.includes('tasks') && (condition === 'normal' || condition === 'constrained');
}

function takesScripts(device: DeviceReport): boolean {
  return takesTasks(device) && device.condition === 'normal';
}

/** What instances and strangers take of the budget was so when it was reported; what tasks take we know ourselves. */
function toDeviceRoom(device: DeviceReport): DeviceRoom {
  const { id, kind, taskBudgetBytes: budgetBytes, taskFreeBytes, taskReservedBytes } = device;
  const takenBytes = Math.max(0, budgetBytes - taskFreeBytes - taskReservedBytes);
  return { id, isCpu: kind === 'cpu', budgetBytes, freeBytes: budgetBytes - takenBytes };
}

/** False when it finds no room any more: as many as that wait there for memory. */
function chargeMemory(devices: readonly DeviceRoom[], charge: Charge): boolean {
  if (charge.memoryBytes === 0) return true;
  const device = devices.find(({ id }) => id === charge.device) ?? roomiest(devices);
  if (!device) return true;
  device.freeBytes -= charge.memoryBytes;
  return device.freeBytes >= 0;
}

function roomiest(devices: readonly DeviceRoom[]): DeviceRoom | undefined {
  return devices.toSorted((a, b) => b.freeBytes - a.freeBytes)[0];
}

/** Time from an outcome to the next grant's start that is to be bridged; outcomes are gathered meanwhile. */
const TURNAROUND_MS = 40;
const MOST_AHEAD_PER_CORE = 16;
/** Of tasks that run longer none is handed out ahead. */
const SHORT_TASK_MS = 100;

/** How many attempts may wait at an agent: the shorter they run the more; long ones none, so that priority holds. */
export function aheadOf(cores: number, typicalMs: number | null): number {
  if (typicalMs === null) return cores;
  const perCore = Math.ceil(TURNAROUND_MS / Math.max(1, typicalMs));
  return typicalMs > SHORT_TASK_MS ? 0 : cores * Math.min(MOST_AHEAD_PER_CORE, perCore);
}
