/**
 * kill -9 of controller and agent at once amid a batch, and a start: how long until a task starts that had not, and that
 * every id is in the log in the end, none more often than it has attempts.
 * Run: `npm run bench -- plans/restart [--tasks 500] [--rounds 3]`.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BatchDetailView } from '../../src/contract/index.ts';
import { until } from '../../test/support/house.ts';
import { median, numberFrom, printTable, roundsFrom } from '../support.ts';
import { warmDrover } from './drover.ts';

const tasks = numberFrom(process.argv, '--tasks', 500);
await using drover = await warmDrover();
const times: number[] = [];
let runsTwice = 0;
for (let round = 0; round < roundsFrom(process.argv); round++) {
  const ids = Array.from({ length: tasks }, (_, at) => `i${at}`);
  const folder = drover.plan(
    [{ id: 'each', foreach: '{PLAN_PATH}/items.json:items', command: 'echo {ITEM.id} >>{BATCH_PATH}/output/log' }],
    { 'items.json': JSON.stringify({ items: ids.map((id) => ({ id })) }) },
  );
  const { batch_id: id, path } = await drover.submit(folder);
  const log = join(path, 'output/log');
  const lines = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  await until(() => lines().length > tasks / 4);
  for (const daemon of ['controller', 'agent'] as const) process.kill(drover.house.pidOf(daemon), 'SIGKILL');
  const at = lines().length;
  const started = performance.now();
  await drover.house.drover('daemon', 'start');
  // What was on its way when they were killed may still be logged by its own shell.
  await until(() => lines().length > at + 4);
  times.push(performance.now() - started);
  await drover.end(id);
  const { counts, tasks: rows } = await drover.call<BatchDetailView>('GET', `/v2/batches/${id}`);
  const seen = lines();
  if (counts.succeeded !== tasks || new Set(seen).size !== tasks)
    throw new Error(`lost tasks: ${JSON.stringify(counts)}`);
  const attempts = rows.reduce((sum, row) => sum + row.attempts, 0);
  if (seen.length > attempts) throw new Error(`${seen.length} runs, ${attempts} attempts`);
  runsTwice += seen.length - tasks;
}
printTable('kill -9 of controller and agent, then "daemon start"', [
  { what: 'start of the command to the next new start of a task, median', ms: median(times) },
  { what: 'commands that ran a second time, in all rounds', ms: runsTwice },
]);
