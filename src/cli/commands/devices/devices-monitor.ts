/** `drover devices monitor`: the readings of all devices on a beat, to the screen and to a file, and what they came to. */

import { appendFileSync } from 'node:fs';

import type { DeviceView } from '../../../contract/daemon.ts';
import { isoTime } from '../../../kernel/clock.ts';
import type { CliContext } from '../../context.ts';
import { renderDevices, tableRoom } from '../../device-table.ts';
import { renderSummary, summarise } from '../../device-summary.ts';

interface MonitorFlags {
  readonly interval: number;
  readonly for?: number;
  readonly log?: string;
  readonly summary: boolean;
  readonly json: boolean;
}

/** Ends at Ctrl-C, or when its time is up; in both cases with the summary that was asked for. */
export async function monitor(this: CliContext, flags: MonitorFlags): Promise<void> {
  const until = flags.for === undefined ? Number.POSITIVE_INFINITY : this.clock.monotonic() + flags.for;
  const rounds: DeviceView[][] = [];
  while (!this.signal.aborted) {
    const devices = [...(await this.client.devices())];
    if (flags.summary) rounds.push(devices);
    await tell(this, flags, devices);
    if (this.clock.monotonic() + flags.interval > until) break;
    await this.clock.sleep(flags.interval, this.signal).catch(() => {});
  }
  if (!flags.summary) return;
  const summary = summarise(rounds);
  await this.out.send(
    flags.json ? `${JSON.stringify({ summary })}\n` : `\n${renderSummary(summary, tableRoom(this).columns)}`,
  );
}

async function tell(context: CliContext, { log, json }: MonitorFlags, devices: readonly DeviceView[]): Promise<void> {
  const at = isoTime(context.clock.now());
  const line = `${JSON.stringify({ at, devices })}\n`;
  if (log !== undefined) appendFileSync(log, line);
  if (json) return context.out.send(line);
  if (context.out.isTerminal) return context.out.send(`${CLEAR}${at}\n${renderDevices(devices, tableRoom(context))}`);
  await context.out.send(devices.map((device) => `${at} ${plainLine(device)}\n`).join(''));
}

/** To the top left corner, and everything below it gone. */
const CLEAR = '\u001b[H\u001b[J';

/** One device in one line, for files and pipes. */
function plainLine(device: DeviceView): string {
  const values = [
    device.temperature_c === null ? null : `${Math.round(device.temperature_c)}C`,
    device.power_w === null ? null : `${Math.round(device.power_w)}W`,
    device.utilisation_percent === null ? null : `${Math.round(device.utilisation_percent)}%`,
    `${megabytes(device.observed_bytes)}/${megabytes(device.reserved_bytes)}/${megabytes(device.total_bytes)}MB`,
    device.core_clock_mhz === null ? null : `${device.core_clock_mhz}MHz`,
    ...device.throttle_reasons,
    device.why,
  ];
  return `${device.host}/${device.id} ${device.condition} ${values.filter((value) => value !== null).join(' ')}`;
}

function megabytes(bytes: number | null): string {
  return bytes === null ? '-' : String(Math.round(bytes / 1024 ** 2));
}
