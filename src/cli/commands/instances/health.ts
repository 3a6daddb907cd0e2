/** `drover health`: exit 0 when all asked for are healthy, 1 otherwise. */

import { EXIT } from '../../../contract/exit-codes.ts';
import type { InstanceHealthView } from '../../../contract/instance-views.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { colourOf } from '../../format.ts';
import { renderTable } from '../../table.ts';
import { instanceNames } from './instance-names.ts';

interface HealthFlags {
  readonly all: boolean;
  readonly watch: boolean;
  readonly json: boolean;
}

type HealthRow = Omit<InstanceHealthView, 'checks'>;

const WATCH_BEAT_MS = 2_000;

export async function health(this: CliContext, flags: HealthFlags, ...names: string[]): Promise<void> {
  let rows = await look(this, flags, names);
  show(this, flags, rows);
  while (flags.watch && !this.signal.aborted) {
    await this.clock.sleep(WATCH_BEAT_MS, this.signal).catch(() => {});
    if (this.signal.aborted) break;
    const before = JSON.stringify(rows);
    rows = await look(this, flags, names);
    if (JSON.stringify(rows) !== before) show(this, flags, rows);
  }
  if (rows.some((row) => row.health !== 'healthy')) this.end(EXIT.failed);
}

async function look(context: CliContext, flags: HealthFlags, names: readonly string[]): Promise<readonly HealthRow[]> {
  const { client } = context;
  if (flags.all && names.length === 0) {
    const views = await client.instances();
    return views.map(({ name, health: value, health_detail: detail, status }) => ({
      name,
      health: value,
      detail,
      status,
    }));
  }
  const wanted = await instanceNames(context, names, flags);
  const found = await Promise.all(wanted.map((name) => client.instanceHealth(name)));
  return found.map(({ checks: _checks, ...row }) => row);
}

/** Watched: one JSON array a line. */
function show(context: CliContext, { json, watch }: HealthFlags, rows: readonly HealthRow[]): void {
  if (json && watch) return context.out.line(JSON.stringify(rows));
  if (json) return printJson(context, rows);
  if (rows.length === 0)
    return context.out.line('no instances yet; make one with "drover init NAME --profile cpu -m demo"');
  context.out.write(healthTable(context, rows));
}

function healthTable({ out }: CliContext, rows: readonly HealthRow[]): string {
  return renderTable<HealthRow>(
    [
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'HEALTH', cell: (row) => row.health, paint: (row, text) => out.paint(colourOf(row.health), text) },
      { title: 'STATUS', cell: ({ status }) => status },
      { title: 'DETAIL', cell: ({ detail }) => detail ?? '' },
    ],
    rows,
  );
}
