/** What the settings of a host say of its devices: how they are called, which are offered, and what work each takes. */

import { DEVICE_ROLES } from '../../contract/index.ts';
import type { DeviceRole } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';
import type { DeviceReading } from '../device.ts';
import { findDevice, giveAliases, offeredDevices } from '../names.ts';

export interface OwnersWord {
  /** Alias → any other name of a device. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The only devices to tell of, by any of their names; null, the default: all. */
  readonly offered?: readonly string[] | null;
  /** Any name of a device → its roles; who is not named takes all work. */
  readonly roles?: Readonly<Record<string, readonly DeviceRole[]>>;
}

interface Spoken {
  readonly readings: readonly DeviceReading[];
  readonly rolesOf: (device: string) => readonly DeviceRole[];
}

/** Names that mean no device are complained of when they change. */
export function createOwnersWord({ aliases = {}, offered = null, roles = {} }: OwnersWord, log: Log) {
  let told = '';
  const tell = (unused: readonly string[]): void => {
    if (unused.length > 0 && unused.join() !== told)
      log.warn({ names: unused }, 'settings name devices that are not here');
    told = unused.join();
  };
  return {
    apply(readings: readonly DeviceReading[]): Spoken {
      const named = giveAliases(readings, aliases);
      const open = offeredDevices(named.devices, offered);
      const assigned = assignRoles(open.devices, roles);
      tell([...named.unused, ...open.unused, ...assigned.unused]);
      return { readings: open.devices, rolesOf: (device) => assigned.byId.get(device) ?? DEVICE_ROLES };
    },
  };
}

function assignRoles(readings: readonly DeviceReading[], roles: Readonly<Record<string, readonly DeviceRole[]>>) {
  const byId = new Map<string, readonly DeviceRole[]>();
  const unused: string[] = [];
  for (const [name, own] of Object.entries(roles)) {
    const lookup = findDevice(readings, name);
    if (lookup.kind === 'found') byId.set(lookup.device.id, own);
    else unused.push(name);
  }
  return { byId, unused };
}
