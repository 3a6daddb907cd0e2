/** `drover queue …`: what waits for a slot and what runs. */

import type { QueueView } from '../../../contract/daemon.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { duration } from '../../format.ts';
import { toScreen } from '../../screen.ts';
import { renderFitting } from '../../table.ts';
import type { Column } from '../../table.ts';

interface QueueFlags {
  readonly json: boolean;
  readonly watch: boolean;
}

const BEAT_MS = 1_000;

/** With `--watch` again and again, until Ctrl-C. */
export async function ls(this: CliContext, flags: QueueFlags): Promise<void> {
  if (!flags.watch)
    return flags.json ? printJson(this, await this.client.queue()) : void this.out.write(await page(this));
  while (!this.signal.aborted) {
    const text = flags.json ? `${JSON.stringify(await this.client.queue())}\n` : await page(this);
    await this.out.send(this.out.isTerminal && !flags.json ? toScreen(text, this.out) : text);
    await this.clock.sleep(BEAT_MS, this.signal).catch(() => {});
  }
}

async function page({ client, out }: CliContext): Promise<string> {
  const view = await client.queue();
  if (view.models.length === 0) return 'the queue is empty and nothing is in flight\n';
  const room = out.isTerminal ? out.columns : Number.POSITIVE_INFINITY;
  const waiting = view.waiting.length === 0 ? '' : `\n${renderFitting(WAITING, view.waiting, room)}`;
  return `${renderFitting(MODELS, view.models, room)}${waiting}${forecastLine(view)}`;
}

const MODELS: readonly Column<QueueView['models'][number]>[] = [
  { title: 'MODEL', cell: ({ model }) => model, cuttable: true },
  { title: 'IN FLIGHT', align: 'right', cell: (row) => String(row.in_flight) },
  { title: 'INTERACTIVE', align: 'right', cell: ({ queued }) => String(queued.interactive) },
  { title: 'BATCH', align: 'right', cell: ({ queued }) => String(queued.batch) },
  { title: 'SERVICE', align: 'right', cell: (row) => duration(row.service_ms), spare: 1 },
];

const WAITING: readonly Column<QueueView['waiting'][number]>[] = [
  { title: 'WAITING', cell: ({ id }) => id, cuttable: true },
  { title: 'MODEL', cell: ({ model }) => model, cuttable: true, spare: 2 },
  { title: 'CLASS', cell: (row) => row.class, spare: 3 },
  { title: 'POSITION', align: 'right', cell: ({ position }) => String(position) },
  { title: 'WAITED', align: 'right', cell: (row) => duration(row.waited_ms), spare: 1 },
  { title: 'STARTS IN', align: 'right', cell: (row) => duration(row.starts_in_ms) },
];

function forecastLine({ forecast: { samples, median_ms: median, p90_ms: p90 } }: QueueView): string {
  if (samples === 0) return '';
  return `\nForecasts of the start were off by ${duration(median)} in half, ${duration(p90)} in most of ${samples} cases\n`;
}
