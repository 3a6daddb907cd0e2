/** `drover audit`: who has changed what over the API, from the facts. */

import type { FactData, FactView } from '../../../contract/facts.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { orDash } from '../../format.ts';
import { renderTable } from '../../table.ts';
import type { Column } from '../../table.ts';

interface AuditFlags {
  readonly json: boolean;
  readonly last?: number;
  readonly actor?: string;
}

const USUAL = 50;

export async function audit(this: CliContext, { json, last = USUAL, actor }: AuditFlags): Promise<void> {
  const facts = await this.client.facts({ subject: actor === undefined ? 'actor:' : `actor:${actor}`, last });
  const calls = facts.map(toCall);
  if (json) return printJson(this, calls);
  if (calls.length === 0) return this.out.line('nobody has changed anything over the API');
  this.out.write(renderTable(COLUMNS, calls));
}

type Call = FactData['api.called'] & { readonly at: string };

function toCall({ at, data }: FactView): Call {
  return { at, ...(data as FactData['api.called']) }; // facts of actors are of this type alone
}

const COLUMNS: readonly Column<Call>[] = [
  { title: 'TIME', cell: ({ at }) => at },
  { title: 'ACTOR', cell: ({ actor }) => actor },
  { title: 'CALL', cell: ({ method, path }) => `${method} ${path}` },
  { title: 'STATUS', cell: ({ status }) => String(status) },
  { title: 'CODE', cell: ({ code }) => orDash(code) },
];
