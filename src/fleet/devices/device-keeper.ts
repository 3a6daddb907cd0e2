/** What people decide about devices, by any name of a device; answers how the device stands then. */

import { AppError } from '../../contract/index.ts';
import type { DeviceRole, DeviceView } from '../../contract/index.ts';
import { findDevice } from '../../devices/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { DevicePlace, DevicePolicies } from './device-policies.ts';
import { quarantine } from './device-policies.ts';
import type { Hosts } from '../hosts/hosts.ts';

/** `name`: any name of a device, with `HOST/` before it where several hosts have such a one. */
export interface DeviceKeeper {
  /** `forMs` null: until it is released. */
  reserve(
    name: string,
    options: { readonly forMs: number | null; readonly reason: string | null },
  ): Promise<DeviceView>;
  quarantine(name: string, reason: string | null): Promise<DeviceView>;
  release(name: string): Promise<DeviceView>;
  setRoles(name: string, roles: readonly DeviceRole[] | null): Promise<DeviceView>;
}

interface DeviceKeeperDeps {
  readonly hosts: Pick<Hosts, 'devices' | 'localHost'>;
  readonly policies: Pick<DevicePolicies, 'hold' | 'release' | 'setRoles'>;
  readonly clock: Clock;
}

export function createDeviceKeeper({ hosts, policies, clock }: DeviceKeeperDeps): DeviceKeeper {
  const find = (name: string): DevicePlace => findPlace(name, hosts.devices(), hosts.localHost);
  const view = ({ host, device }: DevicePlace): DeviceView => {
    const found = hosts.devices().find((other) => other.host === host && other.id === device);
    if (found === undefined) throw new AppError('DEVICE_NOT_FOUND', `${host} has no device ${device} any more`);
    return found;
  };
  const change = async (name: string, act: (place: DevicePlace) => Promise<void>): Promise<DeviceView> => {
    const place = find(name);
    await act(place);
    return view(place);
  };
  return {
    reserve: (name, { forMs, reason }) => {
      const until = forMs === null ? null : clock.now() + forMs;
      const hold = { kind: 'reserved' as const, reason: reason ?? 'by the operator', until };
      return change(name, (place) => policies.hold(place, hold, 'operator'));
    },
    quarantine: (name, reason) =>
      change(name, (place) => policies.hold(place, quarantine(reason ?? 'by the operator'), 'operator')),
    release: (name) => change(name, (place) => policies.release(place)),
    setRoles: (name, roles) => change(name, (place) => policies.setRoles(place, roles)),
  };
}

/** The controller's own host is meant first. */
function findPlace(name: string, devices: readonly DeviceView[], localHost: string): DevicePlace {
  const slash = name.indexOf('/');
  const host = slash < 0 ? null : name.slice(0, slash);
  const own = slash < 0 ? name : name.slice(slash + 1);
  const named = devices.map((device) => ({ ...device, backendNames: device.backend_names }));
  const local = named.filter((device) => device.host === (host ?? localHost));
  const lookup = findDevice(local.length > 0 || host !== null ? local : named, own);
  if (lookup.kind === 'found') return { host: lookup.device.host, device: lookup.device.id };
  throw new AppError('DEVICE_NOT_FOUND', lookup.message, { hint: lookup.hint });
}
