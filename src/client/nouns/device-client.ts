/** The part of the client that is about devices. */

import type { DeviceView } from '../../contract/daemon.ts';
import type { DeviceRole } from '../../contract/devices.ts';
import type { SignalledDeviceView } from '../../contract/signals.ts';
import type { Calls } from './calls.ts';

export interface DeviceClient {
  devices(): Promise<readonly DeviceView[]>;
  /** By any name of the device, as in the next three. Null: as the settings of its host say. */
  setDeviceRoles(id: string, roles: readonly DeviceRole[] | null): Promise<DeviceView>;
  reserveDevice(
    id: string,
    options: { readonly forMs: number | null; readonly reason: string | null },
  ): Promise<DeviceView>;
  quarantineDevice(id: string, reason: string | null): Promise<DeviceView>;
  releaseDevice(id: string): Promise<DeviceView>;
  signalDevice(id: string, signal: 'stop' | 'abort' | 'kill' | 'resume'): Promise<SignalledDeviceView>;
}

export function createDeviceClient({ call }: Calls): DeviceClient {
  return {
    devices: () => call('GET', '/v2/devices'),
    setDeviceRoles: (id, roles) => call('PUT', `${devicePath(id)}/roles`, { roles }),
    reserveDevice: (id, { forMs, reason }) => call('POST', `${devicePath(id)}/reserve`, { for_ms: forMs, reason }),
    quarantineDevice: (id, reason) => call('POST', `${devicePath(id)}/quarantine`, { reason }),
    releaseDevice: (id) => call('POST', `${devicePath(id)}/release`),
    signalDevice: (id, signal) => call('POST', `${devicePath(id)}/signal`, { signal }),
  };
}

function devicePath(id: string): string {
  return `/v2/devices/${encodeURIComponent(id)}`;
}
