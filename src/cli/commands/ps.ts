/** `drover ps`: the instances in a table. */

import type { InstanceView } from '../../contract/instance-views.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { colourOf, duration, orDash } from '../format.ts';
import { renderTable } from '../table.ts';
import type { Column } from '../table.ts';

export interface PsFlags {
  readonly running: boolean;
  readonly json: boolean;
}

export async function ps(this: CliContext, flags: PsFlags): Promise<void> {
  const all = await this.client.instances();
  const shown = flags.running ? all.filter(({ status }) => status !== 'stopped' && status !== 'failed') : all;
  if (flags.json) return printJson(this, shown);
  if (shown.length > 0) return this.out.write(renderTable(columns(this), shown));
  this.out.line(
    all.length === 0
      ? 'no instances yet; make one with "drover init NAME --profile cpu -m demo"'
      : 'no instance is running; start one with "drover up NAME"',
  );
}

function columns({ out }: CliContext): readonly Column<InstanceView>[] {
  return [
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'STATUS', cell: ({ status }) => status, paint: ({ status }, text) => out.paint(colourOf(status), text) },
    { title: 'HEALTH', cell: ({ health }) => health, paint: ({ health }, text) => out.paint(colourOf(health), text) },
    { title: 'PID', align: 'right', cell: ({ pid }) => orDash(pid) },
    { title: 'PORT', align: 'right', cell: ({ port }) => orDash(port) },
    { title: 'ENGINE', cell: ({ engine }) => engine },
    { title: 'BACKEND', cell: ({ backend }) => backend },
    { title: 'DEVICE', cell: ({ device }) => orDash(device) },
    { title: 'MODEL', cell: ({ model }) => model },
    { title: 'SLOTS', align: 'right', cell: ({ slots }) => `${slots.busy}/${slots.total}` },
    { title: 'UPTIME', align: 'right', cell: ({ uptime_ms: uptimeMs }) => duration(uptimeMs) },
    { title: 'RESTARTS', align: 'right', cell: ({ restarts }) => String(restarts) },
    { title: 'REASON', cell: ({ reason }) => reason ?? '' },
  ];
}
