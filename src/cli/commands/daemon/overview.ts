/** `drover status`, `version`: the house at a glance. */

import { formatDuration } from '../../../contract/durations.ts';
import { packageVersion } from '../../../config/version.ts';
import { AppError } from '../../../contract/errors.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderDevices, tableRoom } from '../../device-table.ts';
import { orDash } from '../../format.ts';
import { renderFields } from '../../table.ts';

/** States of tasks that something is being done about, or that wait for room. */
const GOING = ['running', 'leased', 'ready', 'backoff', 'parked'] as const;

interface JsonFlag {
  readonly json: boolean;
}

interface StatusFlags extends JsonFlag {
  readonly tasks: boolean;
  readonly task?: string;
}

export async function status(this: CliContext, flags: StatusFlags): Promise<void> {
  if (flags.task !== undefined) return (await import('../batches/task.ts')).show.call(this, flags, flags.task);
  if (flags.tasks) return (await import('../batches/task.ts')).ls.call(this, { ...flags, state: GOING, all: false });
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
  this.out.write(`\n${renderDevices(view.devices, tableRoom(this))}`);
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
