/** `drover worker spawn|list|stop|stop-all|logs`: instances without a config, from spawn to stop. */

import { AppError } from '../../../contract/errors.ts';
import type { InstanceView } from '../../../contract/instance-views.ts';
import type { SpawnRequest } from '../../../contract/workers.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { colourOf, duration, orDash } from '../../format.ts';
import { createProgress } from '../../progress.ts';
import { renderTable } from '../../table.ts';
import type { Column } from '../../table.ts';
import { forEachInstance } from './instance-names.ts';
import { logs as instanceLogs } from './logs.ts';
import type { LogFlags } from './logs.ts';

interface SpawnFlags {
  readonly model: string;
  readonly device?: string;
  readonly port?: number;
  readonly parallel?: number;
  readonly json: boolean;
}

export async function spawn(
  this: CliContext,
  { json, ...wanted }: SpawnFlags,
  backend: SpawnRequest['backend'],
): Promise<void> {
  using progress = createProgress(this.err, this.clock);
  progress.expect(wanted.model, 'starting');
  const worker = await this.client.spawnWorker({ ...wanted, backend });
  progress.finish(wanted.model);
  if (json) return printJson(this, worker);
  this.out.line(`${worker.name} is ${worker.status} on port ${orDash(worker.port)} (${worker.device})`);
}

export async function list(this: CliContext, flags: { readonly json: boolean }): Promise<void> {
  const workers = await this.client.workers();
  if (flags.json) return printJson(this, workers);
  if (workers.length > 0) return this.out.write(renderTable(columns(this), workers));
  this.out.line('no worker runs; "drover worker spawn cpu --model ID" starts one');
}

function columns({ out }: CliContext): readonly Column<InstanceView>[] {
  return [
    { title: 'ID', cell: ({ name }) => name },
    {
      title: 'STATUS',
      cell: ({ status }) => status,
      paint: ({ status }, text) => out.paint(colourOf(status), text),
    },
    { title: 'BACKEND', cell: ({ backend }) => backend },
    { title: 'DEVICE', cell: ({ device }) => orDash(device) },
    { title: 'PORT', align: 'right', cell: ({ port }) => orDash(port) },
    { title: 'PID', align: 'right', cell: ({ pid }) => orDash(pid) },
    { title: 'MODEL', cell: ({ model }) => model },
    { title: 'SLOTS', align: 'right', cell: ({ slots }) => `${slots.busy}/${slots.total}` },
    { title: 'UPTIME', align: 'right', cell: ({ uptime_ms: uptimeMs }) => duration(uptimeMs) },
  ];
}

interface StopFlags {
  readonly force: boolean;
  readonly json: boolean;
}

export async function stop(this: CliContext, flags: StopFlags, id: string): Promise<void> {
  await assertWorker(this, id);
  await stopEach(this, flags, [id]);
}

export async function stopAll(this: CliContext, flags: StopFlags): Promise<void> {
  const workers = await this.client.workers();
  await stopEach(
    this,
    flags,
    workers.map(({ name }) => name),
  );
}

async function stopEach(context: CliContext, { force, json }: StopFlags, ids: readonly string[]): Promise<void> {
  using progress = createProgress(context.err, context.clock);
  const stopped: string[] = [];
  await forEachInstance(context, ids, async (id) => {
    progress.expect(id, 'stopping');
    await context.client.stopInstance(id, { force }).finally(() => progress.finish(id));
    stopped.push(id);
    if (!json) context.out.line(`${id} is stopped`);
  });
  if (json) printJson(context, { stopped });
}

export async function logs(this: CliContext, flags: LogFlags, id: string): Promise<void> {
  await assertWorker(this, id);
  return instanceLogs.call(this, flags, id);
}

/** What has a config is the business of other commands. */
async function assertWorker({ client }: CliContext, id: string): Promise<void> {
  const { view } = await client.instance(id);
  if (view.ephemeral) return;
  throw new AppError('INSTANCE_NOT_FOUND', `${id} is no worker: it has a config`, {
    hint: `run "drover down ${id}" or "drover logs ${id}"`,
  });
}
