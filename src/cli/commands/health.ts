/** `drover health`: exit 0 when all asked for are healthy, 1 otherwise. */

import { EXIT } from '../../contract/exit-codes.ts';
import type { InstanceView } from '../../contract/instance-views.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { colourOf } from '../format.ts';
import { renderTable } from '../table.ts';
import { instanceNames } from './instance-names.ts';

export interface HealthFlags {
  readonly all: boolean;
  readonly json: boolean;
}

export async function health(this: CliContext, flags: HealthFlags, ...names: string[]): Promise<void> {
  const wanted = await instanceNames(this, names, flags);
  const views: readonly InstanceView[] = flags.all
    ? await this.client.instances()
    : (await Promise.all(wanted.map((name) => this.client.instance(name)))).map(({ view }) => view);
  if (flags.json) {
    printJson(
      this,
      views.map(({ name, health: value, health_detail: detail, status }) => ({ name, health: value, detail, status })),
    );
  } else this.out.write(healthTable(this, views));
  if (views.some((view) => view.health !== 'healthy')) this.end(EXIT.failed);
}

function healthTable({ out }: CliContext, views: readonly InstanceView[]): string {
  return renderTable(
    [
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'HEALTH', cell: (view) => view.health, paint: (view, text) => out.paint(colourOf(view.health), text) },
      { title: 'STATUS', cell: ({ status }) => status },
      { title: 'DETAIL', cell: ({ health_detail: detail, reason }) => detail ?? reason ?? '' },
    ],
    views,
  );
}
