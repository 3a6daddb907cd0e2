/** `drover requests …`: what passes the front door, with its timings. */

import type { RequestDetailView, RequestView } from '../../../contract/requests.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { orDash } from '../../format.ts';
import { renderFields, renderFitting } from '../../table.ts';
import type { Column } from '../../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

interface ListFlags extends JsonFlag {
  readonly state?: RequestView['state'];
  readonly model?: string;
  readonly last?: number;
}

const USUAL = 30;

export async function ls(this: CliContext, { json, state, model, last = USUAL }: ListFlags): Promise<void> {
  const found = await this.client.requests({ state, model, limit: last });
  if (json) return printJson(this, found);
  if (found.length === 0) return this.out.line('no requests');
  this.out.write(renderFitting(COLUMNS, found, this.out.columns));
}

const COLUMNS: readonly Column<RequestView>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'STATE', cell: ({ state, code }) => (code === null ? state : `${state} ${code}`) },
  { title: 'MODEL', cell: ({ model }) => model, cuttable: true },
  { title: 'OWNER', cell: ({ owner }) => owner, spare: 2 },
  { title: 'INSTANCE', cell: ({ instance }) => orDash(instance), spare: 3 },
  { title: 'QUEUE', cell: (request) => ms(request.queue_ms), align: 'right', spare: 1 },
  { title: 'FIRST', cell: (request) => ms(request.first_byte_ms), align: 'right' },
  { title: 'TOTAL', cell: (request) => ms(request.duration_ms), align: 'right' },
  { title: 'IN', cell: (request) => String(request.tokens_in), align: 'right', spare: 4 },
  { title: 'OUT', cell: (request) => String(request.tokens_out), align: 'right', spare: 4 },
];

export async function show(this: CliContext, { json }: JsonFlag, id: string): Promise<void> {
  const request = await this.client.request(id);
  if (json) return printJson(this, request);
  this.out.write(renderFields(fieldsOf(request)));
  for (const [title, body] of [
    ['Request', request.request_body],
    ['Answer', request.response_body],
  ] as const) {
    if (body !== null) this.out.write(`\n${this.out.paint('bold', title)} (${body.bytes} bytes)\n${body.text}\n`);
  }
}

export async function cancel(this: CliContext, { json }: JsonFlag, id: string): Promise<void> {
  const request = await this.client.cancelRequest(id);
  if (json) return printJson(this, request);
  this.out.write(renderFields([['Request', `${request.id}: ${request.state}`]]));
}

function fieldsOf(request: RequestDetailView): [string, string][] {
  const { endpoint, stream, attempts } = request;
  return [
    ['Request', `${request.id}, ${endpoint}${stream ? ', streamed' : ''}, ${request.class}`],
    ['Owner', request.owner],
    ['State', `${request.state}${request.code === null ? '' : ` (${request.code})`}, HTTP ${orDash(request.status)}`],
    ['Model', `${request.model} on ${orDash(request.instance)}, tries ${attempts}`],
    ['Arrived', request.arrived_at],
    ['Ended', orDash(request.ended_at)],
    ['Waited', ms(request.queue_ms)],
    ['First byte', ms(request.first_byte_ms)],
    ['Duration', ms(request.duration_ms)],
    ['Tokens', `${request.tokens_in} in, ${request.tokens_out} out`],
    ...(request.placement ?? []).map(({ instance, verdict }): [string, string] => [
      'Placement',
      `${instance}: ${verdict}`,
    ]),
  ];
}

function ms(value: number | null): string {
  return value === null ? '-' : `${Math.round(value)} ms`;
}
