/** Settings of the agent of this machine and its devices. */

import type { DeviceRole } from '../../../contract/devices.ts';
import { deviceAliases, deviceNames, deviceRoles, integer, rig, truth } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

export interface DeviceSettings {
  /** Null: real devices. */
  readonly simulateRig: string | null;
  readonly localAgent: boolean;
  /** Null: all there are. */
  readonly devices: readonly string[] | null;
  /** Device ids or UUIDs by the names that people gave them. */
  readonly deviceAliases: Readonly<Record<string, string>>;
  /** Work that devices take, by any name of a device; one that is not named takes all. */
  readonly deviceRoles: Readonly<Record<string, readonly DeviceRole[]>>;
  readonly taskMemoryPercent: number;
  readonly pauseHot: boolean;
}

export const DEVICE_SETTINGS: SettingTable<DeviceSettings> = {
  simulateRig: {
    key: 'simulate_rig',
    env: 'DROVER_SIMULATE_RIG',
    kind: rig,
    about: 'Simulated cards, e.g. 5x6144: five of 6144 MB.',
    counts: 'after-restart',
    fallback: () => null,
  },
  localAgent: {
    key: 'local_agent',
    kind: truth,
    about: 'Does the controller keep an agent on its own machine?',
    counts: 'after-restart',
    fallback: () => true,
  },
  devices: {
    key: 'devices',
    kind: deviceNames,
    about: 'The only devices that the agent of this machine offers, by any of their names.',
    counts: 'after-restart',
    fallback: () => null,
  },
  deviceAliases: {
    key: 'device_aliases',
    kind: deviceAliases,
    about: 'Names for devices, each with a device id or UUID.',
    counts: 'after-restart',
    fallback: () => ({}),
  },
  deviceRoles: {
    key: 'device_roles',
    kind: deviceRoles,
    about: 'Work that devices take: tasks, instances, brain, or off, by any of their names. Others take all.',
    counts: 'after-restart',
    fallback: () => ({}),
  },
  taskMemoryPercent: {
    key: 'task_memory_percent',
    kind: integer(1, 100),
    about: "Percent of a device's memory that plan tasks may reserve, instances counted in.",
    counts: 'after-restart',
    fallback: () => 80,
  },
  pauseHot: {
    key: 'pause_hot',
    kind: truth,
    about: 'Are pausable tasks stopped while their device is too hot?',
    counts: 'after-restart',
    fallback: () => true,
  },
};
