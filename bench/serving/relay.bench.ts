/**
 * What the gateway costs on the way of a token, beside no relay at all, nginx, haproxy, the barest relay in Node, and
 * Portkey's gateway. CPU time of the relay per request and per token is the figure; latencies are the median of
 * differences to `direct` of the same round. Rounds are interleaved in random order; noisy ones are left out where
 * enough quiet ones remain. Run: `npm run bench -- serving/relay [--rounds N] [--seconds S] [--only NAME,…] [--json FILE]`.
 */

import { writeFileSync } from 'node:fs';

import { median, printTable, roundsFrom } from '../support.ts';
import { startDrover, startHaproxy, startNginx, startNode, startPortkey } from './contestants.ts';
import { chatBody, createLoad } from './load.ts';
import type { Exchange } from './load.ts';
import { watchNoise } from './noise.ts';
import type { Noise } from './noise.ts';
import { direct, LOAD_CORE } from './processes.ts';
import type { Contestant } from './processes.ts';

interface Measurement extends Noise {
  readonly contestant: string;
  readonly round: number;
  readonly unaryMs: number;
  readonly firstByteMs: number;
  readonly requestsPerSecond: number;
  readonly cpuMsPerRequest: number;
  readonly cpuMsPerLargeRequest: number;
  readonly cpuUsPerToken: number;
  readonly cpuUsPerBurstToken: number;
  readonly hopP50Ms: number;
  readonly hopP99Ms: number;
  readonly tokensLost: number;
  readonly rssMb: number;
}

const PACED = { clients: 100, tokens: 200, gapMs: 20 };
const BURST = { clients: 4, tokens: 3_000 };
const BODY_BYTES = 2_048;
const LARGE_BODY_BYTES = 200 * 1_024;

const seconds = Number(option('--seconds') ?? 5);
const rounds = roundsFrom(process.argv);
const upstream = await startNode('upstream', 'upstream', [], LOAD_CORE);
const only = option('--only')?.split(',');
const port = String(upstream.port);
const starters = [
  () => direct(upstream.port),
  () => startNginx(upstream.port),
  () => startHaproxy(upstream.port),
  () => startNode('bare undici relay', 'bare-relay', [port]),
  () => startPortkey(upstream.port),
  () => startNode('drover, relay only', 'drover-relay', [port]),
  () => startDrover(upstream.port, PACED.clients),
];
const contestants = await started();

try {
  for (const contestant of contestants) await warmUp(contestant);
  const measurements: Measurement[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const contestant of shuffled(contestants)) measurements.push(await measure(contestant, round));
  }
  report(measurements);
} finally {
  for (const contestant of [...contestants, upstream]) await contestant.stop();
}

/** Those that are installed; with `--only` those whose name holds one of the words. */
async function started(): Promise<readonly Contestant[]> {
  const there: Contestant[] = [];
  for (const start of starters) {
    const contestant = await start();
    if (contestant === null) process.stdout.write('a peer is left out (Debian: apt-get install nginx-light haproxy)\n');
    else if (only === undefined || only.some((word) => contestant.name.includes(word))) there.push(contestant);
    else await contestant.stop();
  }
  return there;
}

/** By number, not by time: what runs compiled after it must not depend on how busy the machine is. */
async function warmUp(contestant: Contestant): Promise<void> {
  const load = createLoad(contestant, 16);
  for (let turn = 0; turn < 400; turn++) await load.once(chatBody({ tokens: 4 }, false, BODY_BYTES), 8);
  for (let turn = 0; turn < 30; turn++) await load.once(chatBody({ tokens: 100 }, true, BODY_BYTES), 8);
  await load.close();
}

async function measure(contestant: Contestant, round: number): Promise<Measurement> {
  const load = createLoad(contestant, PACED.clients);
  const noise = watchNoise(
    () => ownCpuMs() + upstream.cpuMs() + (Number.isNaN(contestant.cpuMs()) ? 0 : contestant.cpuMs()),
  );
  const alone = await load.run(chatBody({ tokens: 4 }, false, BODY_BYTES), 1, seconds / 4);
  const first = await load.run(chatBody({ tokens: 1 }, true, BODY_BYTES), 1, seconds / 4);
  const busy = await withCpu(contestant, () => load.run(chatBody({ tokens: 4 }, false, BODY_BYTES), 8, seconds / 2));
  const large = await withCpu(contestant, () =>
    load.run(chatBody({ tokens: 4 }, false, LARGE_BODY_BYTES), 4, seconds / 4),
  );
  const paced = await withCpu(contestant, () => load.once(chatBody(PACED, true, BODY_BYTES), PACED.clients));
  const burst = await withCpu(contestant, () => load.once(chatBody(BURST, true, BODY_BYTES), BURST.clients));
  await load.close();
  const hops = paced.exchanges.flatMap((one) => one.hopsMs);
  return {
    contestant: contestant.name,
    round,
    unaryMs: median(alone.map((one) => one.totalMs)),
    firstByteMs: median(first.map((one) => one.firstByteMs)),
    requestsPerSecond: busy.exchanges.length / (seconds / 2),
    cpuMsPerRequest: busy.cpuMs / busy.exchanges.length,
    cpuMsPerLargeRequest: large.cpuMs / large.exchanges.length,
    cpuUsPerToken: (1_000 * paced.cpuMs) / tokensOf(paced.exchanges),
    cpuUsPerBurstToken: (1_000 * burst.cpuMs) / tokensOf(burst.exchanges),
    hopP50Ms: median(hops),
    hopP99Ms: hops.toSorted((a, b) => a - b)[Math.floor(hops.length * 0.99)] ?? Number.NaN,
    tokensLost: PACED.clients * PACED.tokens - tokensOf(paced.exchanges),
    rssMb: contestant.rssMb(),
    ...noise(),
  };
}

async function withCpu(
  contestant: Contestant,
  run: () => Promise<readonly Exchange[]>,
): Promise<{ readonly exchanges: readonly Exchange[]; readonly cpuMs: number }> {
  const before = contestant.cpuMs();
  const exchanges = await run();
  return { exchanges, cpuMs: contestant.cpuMs() - before };
}

function report(all: readonly Measurement[]): void {
  const quiet = all.filter((one) => one.steal <= 1 && one.foreign <= 3);
  const enough = contestants.every(({ name }) => quiet.filter((one) => one.contestant === name).length >= 3);
  const used = enough ? quiet : all;
  printTable(
    `relay: medians of ${rounds} interleaved rounds${enough ? '' : ', noisy ones included'}`,
    contestants.map(({ name }) => row(name, used)),
  );
  const noisy = all.length - quiet.length;
  process.stdout.write(
    `\nnode ${process.version}; ${seconds} s per round; ${noisy} of ${all.length} measurements had more than 1 % steal or 3 % foreign CPU\n`,
  );
  const file = option('--json');
  const json = `${JSON.stringify({ rounds, seconds, paced: PACED, burst: BURST, measurements: all }, null, 2)}\n`;
  if (file === undefined) process.stdout.write(`\n${json}`);
  else writeFileSync(file, json);
}

function row(name: string, all: readonly Measurement[]): Readonly<Record<string, string | number>> {
  const mine = all.filter((one) => one.contestant === name);
  const middle = (read: (one: Measurement) => number): number => median(mine.map(read));
  const added = (read: (one: Measurement) => number): number => {
    const base = (round: number): number =>
      median(all.filter((one) => one.contestant === 'direct' && one.round === round).map(read));
    return median(mine.map((one) => read(one) - base(one.round)).filter((value) => !Number.isNaN(value)));
  };
  return {
    relay: name,
    'CPU ms/request': middle((one) => one.cpuMsPerRequest),
    'CPU ms/request of 200 KB': middle((one) => one.cpuMsPerLargeRequest),
    'CPU µs/token, paced': middle((one) => one.cpuUsPerToken),
    'CPU µs/token, burst': middle((one) => one.cpuUsPerBurstToken),
    'added first byte p50 ms': added((one) => one.firstByteMs),
    'added unary p50 ms': added((one) => one.unaryMs),
    'requests/s, 8 clients': middle((one) => one.requestsPerSecond),
    'hop p50 ms': middle((one) => one.hopP50Ms),
    'hop p99 ms': middle((one) => one.hopP99Ms),
    'tokens lost': middle((one) => one.tokensLost),
    'RSS MB': middle((one) => one.rssMb),
  };
}

function tokensOf(exchanges: readonly Exchange[]): number {
  return exchanges.reduce((sum, one) => sum + one.tokens, 0);
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}
