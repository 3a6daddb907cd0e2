/**
 * Nothing has changed: a second batch of a plan whose tasks are cached, beside make on files that are all there.
 * Run: `npm run bench -- plans/rerun [--tasks 5000] [--rounds 3]`.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BatchDetailView } from '../../src/contract/index.ts';
import { median, numberFrom, printTable, roundsFrom } from '../support.ts';
import { warmDrover } from './drover.ts';
import { shell } from './peers.ts';

const count = numberFrom(process.argv, '--tasks', 5_000);
await using drover = await warmDrover();
const out = mkdtempSync(join(tmpdir(), 'drover-rerun-'));
const ids = Array.from({ length: count }, (_, at) => `i${at}`);
const folder = drover.plan(
  [
    {
      id: 'each',
      foreach: '{PLAN_PATH}/items.json:items',
      command: `echo {ITEM.id} >${out}/{ITEM.id}`,
      more: ['- **cache**: inputs', `- **produces**: ${out}/{ITEM.id}`],
    },
  ],
  { 'items.json': JSON.stringify({ items: ids.map((id) => ({ id })) }) },
);
const made = mkdtempSync(join(tmpdir(), 'drover-rerun-make-'));
const rules = ids.map((id) => `${id}:\n\t@echo ${id} >${id}\n`).join('');
writeFileSync(join(made, 'Makefile'), `all: ${ids.join(' ')}\n${rules}`);

const times = { first: [] as number[], again: [] as number[], make: [] as number[] };
times.first.push(await timed(() => drover.run(folder)));
shell('make -s -j2', made);
for (let round = 0; round < roundsFrom(process.argv); round++) {
  const started = performance.now();
  const { batch_id: id } = await drover.submit(folder);
  await drover.end(id);
  times.again.push(performance.now() - started);
  const { tasks } = await drover.call<BatchDetailView>('GET', `/v2/batches/${id}`);
  const ran = tasks.filter(({ attempts }) => attempts > 0).length;
  if (ran > 0) throw new Error(`${ran} of ${count} tasks ran again`);
  times.make.push(await timed(() => Promise.resolve(shell('make -s -j2', made))));
}
printTable(`null rerun of ${count} tasks`, [
  { what: 'drover, first run', ms: median(times.first), durable: 'every end, flushed before it counts' },
  { what: 'drover, nothing changed (content is compared)', ms: median(times.again), durable: 'every end, flushed' },
  { what: 'make -j2, nothing changed (times are compared)', ms: median(times.make), durable: 'the files, unflushed' },
]);
for (const each of [out, made]) rmSync(each, { recursive: true, force: true });

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
