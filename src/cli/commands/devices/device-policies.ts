/** `drover devices roles|reserve|quarantine|release`: what people decide about devices. */

import type { DeviceView } from '../../../contract/daemon.ts';
import type { DeviceRole } from '../../../contract/devices.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';

interface Flags {
  readonly json: boolean;
}

/** `default`: as the settings of its host say. */
export type RolesArgument = readonly DeviceRole[] | 'default';

export async function roles(this: CliContext, flags: Flags, id: string, wanted: RolesArgument): Promise<void> {
  const device = await this.client.setDeviceRoles(id, wanted === 'default' ? null : wanted);
  show(this, flags, device, `takes ${wanted === 'default' ? 'what its host says' : wanted.join(', ') || 'nothing'}`);
}

export async function reserve(
  this: CliContext,
  flags: Flags & { readonly for?: number; readonly reason?: string },
  id: string,
): Promise<void> {
  const device = await this.client.reserveDevice(id, { forMs: flags.for ?? null, reason: flags.reason ?? null });
  show(this, flags, device, `is reserved until ${device.held_until ?? `"drover devices release ${id}"`}`);
}

export async function quarantine(
  this: CliContext,
  flags: Flags & { readonly reason?: string },
  id: string,
): Promise<void> {
  const device = await this.client.quarantineDevice(id, flags.reason ?? null);
  show(this, flags, device, `is quarantined until "drover devices release ${id}"`);
}

export async function release(this: CliContext, flags: Flags, id: string): Promise<void> {
  const device = await this.client.releaseDevice(id);
  show(this, flags, device, 'takes work again');
}

function show(context: CliContext, { json }: Flags, device: DeviceView, sentence: string): void {
  if (json) return printJson(context, device);
  context.out.line(`${device.host}/${device.id} ${sentence}`);
}
