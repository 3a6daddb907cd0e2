/**
 * Tokens per second of the embedded engine beside a real llama-server, same settings. The weights of the demo model cost
 * next to nothing, so with it what is measured is what each engine adds to a token; `--layers 23` gives it layers as wide
 * as those of a real model, 310 MB, and then the weights are nearly all. CPU time per token is the steadier figure.
 * Run: `npm run bench -- embedded [--layers N] [--tokens N] [--rounds N]`.
 */

import { readFileSync } from 'node:fs';

import { startEngine } from '../test/support/engine-process.ts';
import type { EngineProcess } from '../test/support/engine-process.ts';
import { builtLlamaServer } from '../test/support/llama-server.ts';
import { median, numberFrom, printTable, roundsFrom } from './support.ts';

const LAYERS = numberFrom(process.argv, '--layers', 0);
const TOKENS = numberFrom(process.argv, '--tokens', LAYERS === 0 ? 800 : 64);
const SHAPE = LAYERS === 0 ? {} : { shape: { layers: LAYERS, heads: 16, feedForward: 2_816 } };
const TICK_MS = 10;

interface Contestant {
  readonly name: string;
  readonly engine: EngineProcess;
}

interface Measurement {
  readonly tokensPerSecond: number;
  readonly cpuMicrosPerToken: number;
}

const rounds = roundsFrom(process.argv);
const binary = builtLlamaServer();
if (binary === null) process.stdout.write('no llama-server to compare with: run "drover engine build"\n');

const contestants: Contestant[] = [{ name: 'embedded', engine: await startEngine({ kind: 'embedded', ...SHAPE }) }];
if (binary !== null) {
  contestants.push({
    name: 'llama-server',
    engine: await startEngine({ kind: 'llama-server', path: binary, ...SHAPE }),
  });
}
try {
  for (const parallel of [1, 4]) await compare(parallel);
} finally {
  for (const { engine } of contestants) await engine.stop();
}

async function compare(parallel: number): Promise<void> {
  const results = new Map<string, Measurement[]>(contestants.map(({ name }) => [name, []]));
  for (const { engine } of contestants) await measure(engine, parallel); // warm up
  for (let round = 0; round < rounds; round++) {
    for (const { name, engine } of contestants) results.get(name)?.push(await measure(engine, parallel));
  }
  printTable(
    `${parallel} streams of ${TOKENS} tokens, one thread, median of ${rounds} interleaved rounds`,
    [...results].map(([engine, all]) => ({
      engine,
      'tokens/s': median(all.map((each) => each.tokensPerSecond)),
      'CPU µs/token': median(all.map((each) => each.cpuMicrosPerToken)),
    })),
  );
}

async function measure(engine: EngineProcess, parallel: number): Promise<Measurement> {
  const cpuBefore = cpuMs(engine.pid);
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: parallel }, (_, seed) => stream(engine, seed)));
  const elapsedMs = performance.now() - startedAt;
  const tokens = TOKENS * parallel;
  return {
    tokensPerSecond: (tokens / elapsedMs) * 1_000,
    cpuMicrosPerToken: ((cpuMs(engine.pid) - cpuBefore) / tokens) * 1_000,
  };
}

async function stream(engine: EngineProcess, seed: number): Promise<void> {
  const body = { prompt: 'The drover', max_tokens: TOKENS, ignore_eos: true, stream: true, seed };
  const response = await engine.call('/v1/completions', body);
  await response.text();
}

/** User and system time of a process so far. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
