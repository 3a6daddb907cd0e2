/** `drover watch`: batches, tasks and devices as they change; on a terminal the whole screen, elsewhere plain lines. */

import process from 'node:process';

import { every, isoTime } from '../../../kernel/clock.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { gather } from './watch/gather.ts';
import { watchLines } from './watch/picture.ts';
import { progressLine } from './watch/progress-line.ts';

interface WatchFlags {
  readonly once: boolean;
  /** Milliseconds. */
  readonly interval?: number;
  readonly json: boolean;
}

const INTERVAL_MS = 2_000;
/** Rows of tasks where there is no screen to fill. */
const TASKS = 20;
/** Lines that batches, devices and their headings take, more or less. */
const OTHER_ROWS = 16;

export async function watch(this: CliContext, { once, interval = INTERVAL_MS, json }: WatchFlags): Promise<void> {
  if (json) return printJson(this, await gather(this.client, this.clock.now));
  if (once) return printOnce(this);
  if (this.out.isTerminal && process.stdout.isTTY && this.env['TERM'] !== 'dumb') return onScreen(this, interval);
  await printChanges(this, interval);
}

async function printOnce({ client, clock, out }: CliContext): Promise<void> {
  const columns = out.isTerminal ? out.columns : Number.POSITIVE_INFINITY;
  const lines = watchLines(await gather(client, clock.now), { columns, tasks: TASKS }, out.paint);
  out.write(`${lines.join('\n').trimEnd()}\n`);
}

/** Draws until Ctrl-C or q. */
async function onScreen({ client, clock, out, signal }: CliContext, interval: number): Promise<void> {
  const { openScreen } = await import('../../../tui/screen.ts');
  const { openKeyboard } = await import('../../../tui/keyboard.ts');
  const left = new AbortController();
  const until = AbortSignal.any([signal, left.signal]);
  await client.daemon();
  using screen = openScreen(process.stdout, process, () => {});
  using _keyboard = openKeyboard(process.stdin, (key) => {
    if (['q', 'escape', 'interrupt'].includes(key)) left.abort();
  });
  const draw = async (): Promise<void> => {
    const { columns, rows } = screen.size();
    const watched = await gather(client, clock.now);
    const lines = watchLines(watched, { columns, tasks: Math.max(3, rows - OTHER_ROWS) }, out.paint);
    if (!until.aborted) screen.draw(lines.slice(0, rows));
  };
  const tell = (error: unknown): void => {
    const why = error instanceof Error ? error.message : String(error);
    if (!until.aborted) screen.draw([`the controller does not answer: ${why}`, 'q leaves']);
  };
  await draw().catch(tell);
  await every(clock, interval, until, draw, tell);
}

/** A line for each batch whose progress has changed. */
async function printChanges({ client, clock, out, signal }: CliContext, interval: number): Promise<void> {
  const told = new Map<string, string>();
  const look = async (): Promise<void> => {
    const { batches, now } = await gather(client, clock.now);
    for (const batch of batches) {
      const line = `${batch.batch_id} ${batch.plan} ${batch.status}: ${progressLine({ ...batch, eta_ms: null })}`;
      if (told.get(batch.batch_id) === line) continue;
      told.set(batch.batch_id, line);
      await out.send(`${isoTime(now)} ${line}\n`);
    }
  };
  await look();
  await every(clock, interval, signal, look, () => {});
}
