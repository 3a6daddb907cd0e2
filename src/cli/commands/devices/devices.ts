/** `drover devices ls`: the cards and the CPU of every host, as they were told last. */

import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderDevices, tableRoom } from '../../device-table.ts';

export async function ls(this: CliContext, flags: { readonly json: boolean }): Promise<void> {
  const views = await this.client.devices();
  if (flags.json) return printJson(this, views);
  this.out.write(renderDevices(views, tableRoom(this)));
}

export async function signal(
  this: CliContext,
  flags: { readonly json: boolean },
  id: string,
  word: 'stop' | 'abort' | 'kill' | 'resume',
): Promise<void> {
  const { device, tasks } = await this.client.signalDevice(id, word);
  if (flags.json) return printJson(this, { device, tasks });
  const name = `${device.host}/${device.id}`;
  if (word === 'resume') return this.out.line(`device ${name} takes work again`);
  this.out.line(
    `device ${name} takes nothing new; ${tasks} running ${tasks === 1 ? 'task was' : 'tasks were'} told to end`,
  );
}
