/** `drover escalations …`: what the brain asks of those above it. */

import type { EscalationView } from '../../../contract/escalations.ts';
import { counted } from '../../../kernel/counted.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { orDash } from '../../format.ts';
import { renderFields, renderTable } from '../../table.ts';
import type { Column } from '../../table.ts';

export async function ls(this: CliContext, flags: { readonly all: boolean; readonly json: boolean }): Promise<void> {
  const escalations = await this.client.escalations({ status: flags.all ? 'all' : 'open' });
  if (flags.json) return printJson(this, escalations);
  if (escalations.length === 0) return this.out.line('nothing waits for an answer');
  this.out.write(renderTable(COLUMNS, escalations));
}

const COLUMNS: readonly Column<EscalationView>[] = [
  { title: 'ID', align: 'right', cell: ({ id }) => String(id) },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'STATUS', cell: (row) => (row.answer === null ? row.status : `${row.status}: ${row.answer}`) },
  { title: 'ABOUT', cell: aboutOf },
  { title: 'OPENED', cell: (escalation) => escalation.opened_at },
  { title: 'TOLD', cell: toldOf },
  { title: 'QUESTION', cell: ({ question }) => question },
];

function aboutOf(escalation: EscalationView): string {
  return orDash([escalation.batch_id, escalation.task].filter((part) => part !== null).join('/'));
}

/** Which hooks have heard of it, and which not yet. */
function toldOf({ deliveries }: EscalationView): string {
  const words = deliveries.map((delivery) =>
    delivery.delivered_at === null
      ? `${delivery.hook} waits (${counted(delivery.tries, 'try', 'tries')})`
      : delivery.hook,
  );
  return orDash(words.join(', '));
}

export async function show(this: CliContext, flags: { readonly json: boolean }, id: string): Promise<void> {
  const escalation = await this.client.escalation(id);
  if (flags.json) return printJson(this, escalation);
  this.out.write(renderFields(fieldsOf(escalation)));
  const detail = Object.entries(escalation.detail);
  if (detail.length > 0) this.out.write(`\n${detail.map(([key, value]) => section(key, value)).join('\n')}`);
}

function fieldsOf(escalation: EscalationView): [string, string][] {
  const { question, kind, status, choices, suggestion, deliveries } = escalation;
  const failed = deliveries.filter(({ error }) => error !== null).map(({ hook, error }) => `${hook}: ${error ?? ''}`);
  return [
    ['Escalation', `${escalation.id}, ${kind}, ${status}`],
    ['About', aboutOf(escalation)],
    ['Question', question],
    ['Choices', choices.join(', ')],
    ['Answer', escalation.answer === null ? '-' : `${escalation.answer} (${orDash(escalation.answered_by)})`],
    ['Suggestion', orDash(suggestion)],
    ['Opened', escalation.opened_at],
    ['Told', [toldOf(escalation), ...failed].join('; ')],
  ];
}

function section(key: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return `${key}:\n${text.replaceAll(/^/gm, '  ')}\n`;
}

export async function answer(
  this: CliContext,
  flags: { readonly json: boolean },
  id: string,
  choice: string,
): Promise<void> {
  const escalation = await this.client.answerEscalation(id, choice);
  if (flags.json) return printJson(this, escalation);
  this.out.line(`escalation ${escalation.id} is answered: ${choice}`);
}
