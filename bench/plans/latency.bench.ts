/**
 * Waiting times of a warm Drover: from one task's start to the next one's in a chain of ten, beside a loop of the shell
 * over the same commands, and from a submission (API call, start of the command) to the first instruction of its task.
 * Run: `npm run bench -- plans/latency [--rounds 3]`.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { BatchSummaryView } from '../../src/contract/index.ts';
import { median, printTable, roundsFrom } from '../support.ts';
import { warmDrover } from './drover.ts';

const HOPS = 10;
const SUBMITS = 20;
const BY_COMMAND = 5;

await using drover = await warmDrover();
const stamp = (file: string): string => `date +%s%N > ${file}`;
const chain = drover.plan(
  Array.from({ length: HOPS }, (_, hop) => ({
    id: `hop${hop}`,
    command: stamp(`{BATCH_PATH}/output/${hop}.txt`),
    dependsOn: hop === 0 ? 'none' : `hop${hop - 1}`,
  })),
);
const single = drover.plan([{ id: 'one', command: stamp('first.txt') }]);
const stampIn = (path: string, file: string): number =>
  Number(BigInt(readFileSync(join(path, file), 'utf8').trim())) / 1e6;
const hopsBetween = (starts: readonly number[]): number[] =>
  starts.slice(1).map((at, index) => at - (starts[index] ?? at));
const nowMs = (): number => performance.timeOrigin + performance.now();

const bare = mkdtempSync(join(tmpdir(), 'bench-bare-'));
const loop = `for hop in {0..${HOPS - 1}}; do bash -c '${stamp('"$0"')}' $hop.txt; done`;
function runBare(): number[] {
  spawnSync('bash', ['-c', loop], { cwd: bare });
  return hopsBetween(Array.from({ length: HOPS }, (_, hop) => stampIn(bare, `${hop}.txt`)));
}

await drover.run(chain);
await drover.run(single);
runBare();
const hops: number[] = [];
const bareHops: number[] = [];
const chains: number[] = [];
const byApi: number[] = [];
const byCommand: number[] = [];
for (let round = 0; round < roundsFrom(process.argv); round++) {
  const started = performance.now();
  const path = await drover.run(chain);
  chains.push(performance.now() - started);
  const starts = Array.from({ length: HOPS }, (_, hop) => stampIn(path, `output/${hop}.txt`));
  hops.push(...hopsBetween(starts));
  bareHops.push(...runBare());
  for (let submit = 0; submit < SUBMITS; submit++) {
    const before = nowMs();
    byApi.push(stampIn(await drover.run(single), 'first.txt') - before);
  }
  for (let submit = 0; submit < BY_COMMAND; submit++) {
    const before = nowMs();
    const { batch_id: id } = await drover.house.json<BatchSummaryView>('submit', single, '--wait');
    byCommand.push(
      stampIn((await drover.call<BatchSummaryView>('GET', `/v2/batches/${id}`)).path, 'first.txt') - before,
    );
  }
}

rmSync(bare, { recursive: true });

printTable('latency', [
  { what: `hop of a ${HOPS}-hop chain, median`, ms: median(hops) },
  { what: `hop of a loop of bash over the same ${HOPS} commands, median`, ms: median(bareHops) },
  { what: 'overhead of a hop', ms: median(hops) - median(bareHops) },
  { what: `the whole ${HOPS}-hop chain, median`, ms: median(chains) },
  { what: 'API submit to the first instruction, p50', ms: median(byApi) },
  { what: 'start of the command to the first instruction, p50', ms: median(byCommand) },
]);
