/** `drover models health|drain|reload|purge`: all instances of a model as one. */

import type { PoolMember, PoolView } from '../../../contract/pools.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { colourOf } from '../../format.ts';
import { createProgress } from '../../progress.ts';
import { renderTable } from '../../table.ts';

interface JsonFlag {
  readonly json: boolean;
}

interface WaitFlags extends JsonFlag {
  readonly timeout?: number;
}

export async function health(this: CliContext, { json }: JsonFlag, model: string): Promise<void> {
  show(this, json, await this.client.poolHealth(model));
}

export async function drain(this: CliContext, { json, timeout }: WaitFlags, model: string): Promise<void> {
  const pool = await during(this, model, 'draining', () => this.client.drainPool(model, { timeoutMs: timeout }));
  show(this, json, pool);
}

export async function reload(this: CliContext, { json, timeout }: WaitFlags, model: string): Promise<void> {
  const pool = await during(this, model, 'reloading', () => this.client.reloadPool(model, { timeoutMs: timeout }));
  show(this, json, pool);
}

export async function purge(this: CliContext, { json }: JsonFlag, model: string): Promise<void> {
  show(this, json, await this.client.purgePool(model));
}

async function during<T>({ err, clock }: CliContext, model: string, what: string, act: () => Promise<T>): Promise<T> {
  using progress = createProgress(err, clock);
  progress.expect(model, what);
  try {
    return await act();
  } finally {
    progress.finish(model);
  }
}

function show(context: CliContext, json: boolean, pool: PoolView): void {
  if (json) return printJson(context, pool);
  const { out } = context;
  const { model, status, slots, waiting, instances } = pool;
  const busy = `${slots.busy} of ${slots.total} slots busy`;
  out.line(`${model} is ${out.paint(colourOf(status), status)}: ${busy}, ${waiting} waiting`);
  if (instances.length > 0) out.write(renderTable<PoolMember>(columns(context), instances));
}

function columns({ out }: CliContext) {
  return [
    { title: 'INSTANCE', cell: ({ name }: PoolMember) => name },
    {
      title: 'STATUS',
      cell: ({ status, draining }: PoolMember) => (draining ? `${status}, draining` : status),
      paint: ({ status }: PoolMember, text: string) => out.paint(colourOf(status), text),
    },
    { title: 'HEALTH', cell: ({ health: value }: PoolMember) => value },
    { title: 'BREAKER', cell: ({ breaker }: PoolMember) => breaker },
    { title: 'SLOTS', cell: ({ slots }: PoolMember) => `${slots.busy}/${slots.total}` },
  ];
}
