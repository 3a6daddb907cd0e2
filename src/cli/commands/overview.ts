/** `drover status`, `devices ls`, `queue ls`, `version`: the house at a glance. */

import { formatDuration } from '../../contract/durations.ts';
import type { DeviceView } from '../../contract/daemon.ts';
import { packageVersion } from '../../config/version.ts';
import { AppError } from '../../contract/errors.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { bytes, duration, orDash } from '../format.ts';
import { renderFields, renderTable } from '../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function status(this: CliContext, flags: JsonFlag): Promise<void> {
  const view = await this.client.status();
  if (flags.json) return printJson(this, view);
  const { daemon, instances, requests, batches, tasks } = view;
  this.out.write(
    renderFields([
      ['Daemon', `pid ${daemon.controller.pid}, for ${formatDuration(daemon.controller.uptime_ms)}, ${daemon.url}`],
      [
        'Agents',
        daemon.agents.map(({ host, connected }) => `${host}${connected ? '' : ' (lost)'}`).join(', ') || 'none',
      ],
      [
        'Instances',
        `${instances.ready} of ${instances.total} ready${instances.failed ? `, ${instances.failed} failed` : ''}`,
      ],
      ['Requests', `${requests.in_flight} in flight, ${requests.queued} queued`],
      ['Batches', `${batches.running} running`],
      ['Tasks', `${tasks.running} running, ${tasks.ready} ready, ${tasks.waiting} waiting`],
    ]),
  );
  this.out.write(`\n${deviceTable(view.devices)}`);
}

export async function devices(this: CliContext, flags: JsonFlag): Promise<void> {
  const views = await this.client.devices();
  if (flags.json) return printJson(this, views);
  this.out.write(deviceTable(views));
}

function deviceTable(views: readonly DeviceView[]): string {
  return renderTable<DeviceView>(
    [
      { title: 'DEVICE', cell: ({ id }) => id },
      { title: 'HOST', cell: ({ host }) => host },
      { title: 'KIND', cell: ({ kind }) => kind },
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'RESERVED', align: 'right', cell: (device) => bytes(device.reserved_bytes) },
      { title: 'OBSERVED', align: 'right', cell: (device) => bytes(device.observed_bytes) },
      { title: 'TOTAL', align: 'right', cell: (device) => bytes(device.total_bytes) },
      {
        title: 'TEMP',
        align: 'right',
        cell: ({ temperature_c: temperature }) => (temperature === null ? '-' : `${Math.round(temperature)} °C`),
      },
      {
        title: 'TASKS',
        align: 'right',
        cell: ({ task_slots: slots }) => (slots.total === 0 ? '-' : `${slots.busy}/${slots.total}`),
      },
    ],
    views,
  );
}

export async function queue(this: CliContext, flags: JsonFlag): Promise<void> {
  const view = await this.client.queue();
  if (flags.json) return printJson(this, view);
  if (view.models.length === 0) return this.out.line('the queue is empty and nothing is in flight');
  this.out.write(
    renderTable(
      [
        { title: 'MODEL', cell: ({ model }) => model },
        { title: 'IN FLIGHT', align: 'right', cell: (row) => String(row.in_flight) },
        { title: 'INTERACTIVE', align: 'right', cell: ({ queued }) => String(queued.interactive) },
        { title: 'BATCH', align: 'right', cell: ({ queued }) => String(queued.batch) },
        { title: 'SERVICE', align: 'right', cell: (row) => duration(row.service_ms) },
      ],
      view.models,
    ),
  );
}

export async function version(this: CliContext, flags: JsonFlag): Promise<void> {
  const daemon = await daemonVersion(this);
  const view = { version: packageVersion(), node: process.version, daemon };
  if (flags.json) return printJson(this, view);
  this.out.write(
    renderFields([
      ['drover', view.version],
      ['node', view.node],
      ['daemon', orDash(daemon ?? 'not running')],
    ]),
  );
}

async function daemonVersion({ quietClient }: CliContext): Promise<string | null> {
  try {
    return (await quietClient.daemon()).version;
  } catch (error) {
    if (error instanceof AppError && error.code === 'DAEMON_UNREACHABLE') return null;
    throw error;
  }
}
