/** `drover devices ls`: the cards and the CPU of every host, as they were told last. */

import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { renderDevices, tableRoom } from '../device-table.ts';

export async function ls(this: CliContext, flags: { readonly json: boolean }): Promise<void> {
  const views = await this.client.devices();
  if (flags.json) return printJson(this, views);
  this.out.write(renderDevices(views, tableRoom(this)));
}
