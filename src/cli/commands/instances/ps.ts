/** `drover ps`: the instances in a table. */

import type { InstanceView } from '../../../contract/instance-views.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { colourOf, duration, orDash } from '../../format.ts';
import { renderFitting } from '../../table.ts';
import type { Column } from '../../table.ts';

interface PsFlags {
  readonly running: boolean;
  readonly wide: boolean;
  readonly json: boolean;
}

export async function ps(this: CliContext, flags: PsFlags): Promise<void> {
  const all = await this.client.instances();
  const shown = flags.running ? all.filter(({ status }) => status !== 'stopped' && status !== 'failed') : all;
  if (flags.json) return printJson(this, shown);
  const room = flags.wide || !this.out.isTerminal ? Number.POSITIVE_INFINITY : this.out.columns;
  if (shown.length > 0) return this.out.write(renderFitting(columns(this), shown, room));
  this.out.line(
    all.length === 0
      ? 'no instances yet; make one with "drover init NAME --profile cpu -m demo"'
      : 'no instance is running; start one with "drover up NAME"',
  );
}

/** What is least missed goes first where there is no room. */
function columns({ out }: CliContext): readonly Column<InstanceView>[] {
  return [
    { title: 'NAME', cell: ({ name }) => name },
    { title: 'STATUS', cell: statusOf, paint: ({ status }, text) => out.paint(colourOf(status), text) },
    {
      title: 'HEALTH',
      cell: ({ health }) => health,
      paint: ({ health }, text) => out.paint(colourOf(health), text),
      spare: 1,
    },
    { title: 'PID', align: 'right', cell: ({ pid }) => orDash(pid), spare: 6 },
    { title: 'PORT', align: 'right', cell: ({ port }) => orDash(port), spare: 3 },
    { title: 'ENGINE', cell: ({ engine }) => engine, spare: 9 },
    { title: 'BACKEND', cell: ({ backend }) => backend, spare: 8 },
    { title: 'DEVICE', cell: ({ device }) => orDash(device), spare: 5 },
    { title: 'MODEL', cell: ({ model }) => model, spare: 2, cuttable: true },
    { title: 'SLOTS', align: 'right', cell: ({ slots }) => `${slots.busy}/${slots.total}`, spare: 4 },
    { title: 'UPTIME', align: 'right', cell: ({ uptime_ms: uptimeMs }) => duration(uptimeMs), spare: 5 },
    { title: 'RESTARTS', align: 'right', cell: ({ restarts }) => String(restarts), spare: 7 },
    { title: 'REASON', cell: ({ reason }) => reason ?? '', cuttable: true },
  ];
}

function statusOf({ status, draining }: InstanceView): string {
  return draining ? `${status}, draining` : status;
}
