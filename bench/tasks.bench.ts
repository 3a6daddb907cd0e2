/**
 * What a task costs: 2,000 no-op tasks beside `xargs -P2` and GNU parallel, a hop of a chain, and the way from the
 * submit call to the first instruction. Durable in Drover (SQLite, synchronous=FULL), nothing durable in the peers.
 * Run: `npm run bench -- tasks [--rounds N]`.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

import type { SubmitView } from '../src/contract/index.ts';
import { openHouse } from '../test/support/house.ts';
import type { House } from '../test/support/house.ts';
import { planOf, writePlan } from '../test/support/plans.ts';
import { median, printTable, roundsFrom } from './support.ts';

const TASKS = 2_000;
const HOPS = 10;
const LATENCY_SUBMITS = 20;

const rounds = roundsFrom(process.argv);
await using house = await openHouse();
await house.drover('daemon', 'start');
const socketPath = join(house.home, 'run/drover.sock');

const flat = writePlan(
  house.home,
  planOf('flat', [{ id: 'noop', class: 'cpu', foreach: '{PLAN_PATH}/items.json:items', command: 'true' }]),
  { 'items.json': JSON.stringify({ items: Array.from({ length: TASKS }, (_, id) => ({ id })) }) },
);
const chain = writePlan(
  house.home,
  planOf(
    'chain',
    Array.from({ length: HOPS }, (_, hop) => ({
      id: `hop${hop}`,
      command: `date +%s%N > {BATCH_PATH}/output/${hop}.txt`,
      dependsOn: hop === 0 ? 'none' : `hop${hop - 1}`,
    })),
  ),
);
const single = writePlan(house.home, planOf('single', [{ id: 'one', command: 'date +%s%N > first.txt' }]));

await runBatch(house, chain);
const results = {
  drover: [] as number[],
  xargs: [] as number[],
  parallel: [] as number[],
  hop: [] as number[],
  latency: [] as number[],
};
for (let round = 0; round < rounds; round++) {
  results.xargs.push(timed(() => shell(`seq ${TASKS} | xargs -P2 -I{} sh -c true`)));
  results.drover.push(await flatBatch());
  if (hasParallel()) results.parallel.push(timed(() => shell(`seq ${TASKS} | parallel -j2 true`)));
  results.hop.push(...(await hopTimes()));
  for (let submit = 0; submit < LATENCY_SUBMITS; submit++) results.latency.push(await submitToFirstInstruction());
}

const perTask = (total: readonly number[]) => (total.length === 0 ? Number.NaN : median(total) / TASKS);
printTable(`no-op tasks, ${TASKS} at 2 slots, median of ${rounds} rounds`, [
  { what: 'xargs -P2 sh -c true', 'ms per task': perTask(results.xargs), durable: 'no' },
  { what: 'GNU parallel -j2', 'ms per task': perTask(results.parallel), durable: 'no' },
  { what: 'drover, one foreach', 'ms per task': perTask(results.drover), durable: 'fsync per group' },
]);
printTable('latency', [
  { what: `hop of a ${HOPS}-hop chain, median`, ms: median(results.hop) },
  { what: 'API submit to first instruction, p50', ms: median(results.latency) },
]);

/** Milliseconds from the call to the end of the batch, without the CLI. */
async function flatBatch(): Promise<number> {
  const started = performance.now();
  const { batch_id: id } = await call<SubmitView>('POST', '/v2/batches', {
    folder: flat,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  await batchEnd(id);
  return performance.now() - started;
}

async function hopTimes(): Promise<number[]> {
  const path = await runBatch(house, chain);
  const starts = Array.from({ length: HOPS }, (_, hop) =>
    BigInt(readFileSync(join(path, 'output', `${hop}.txt`), 'utf8').trim()),
  );
  return starts.slice(1).map((at, index) => Number(at - (starts[index] ?? at)) / 1e6);
}

async function submitToFirstInstruction(): Promise<number> {
  const before = BigInt(Date.now()) * 1_000_000n;
  const sub = performance.now() % 1;
  const path = await runBatch(house, single);
  const first = BigInt(readFileSync(join(path, 'first.txt'), 'utf8').trim());
  return Number(first - before) / 1e6 - sub;
}

async function runBatch(_house: House, folder: string): Promise<string> {
  const { batch_id: id, path } = await call<SubmitView>('POST', '/v2/batches', {
    folder,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  await batchEnd(id);
  return path;
}

/** Listens, so that waiting costs the daemon nothing. */
function batchEnd(id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = `/v2/events?after=0&batch=${id}`;
    const sent = request({ agent: false, socketPath, path }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => {
        text = (text + data.toString()).slice(-4_096);
        if (!text.includes('"batch.ended"')) return;
        sent.destroy();
        resolve();
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent: false,
        socketPath,
        method,
        path,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('end', () => {
          if ((response.statusCode ?? 500) < 400) resolve(JSON.parse(text) as T);
          else reject(new Error(text));
        });
      },
    );
    sent.once('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function timed(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

function shell(command: string): void {
  execFileSync('sh', ['-c', command], { stdio: 'ignore' });
}

function hasParallel(): boolean {
  try {
    shell('command -v parallel');
    return true;
  } catch {
    return false;
  }
}
