/**
 * How long Drover takes to say yes: requests arrive at a steady rate, whether the ones before are answered or not, and are
 * timed from the moment at which they were due. A request that the upstream answers at once, directly and through a whole
 * Drover; and a native task, which is on the disk when it is accepted.
 * Run: `npm run bench -- serving/admission [--rate 100] [--seconds 10]`.
 */

import { Pool } from 'undici';

import { numberFrom, percentile, printTable } from '../support.ts';
import { startDrover, startNode } from './contestants.ts';
import { chatBody } from './load.ts';
import { LOAD_CORE } from './processes.ts';
import type { Contestant } from './processes.ts';

const RATE = numberFrom(process.argv, '--rate', 100);
const SECONDS = numberFrom(process.argv, '--seconds', 10);
const SLOTS = 64;
const BODY_BYTES = 2_048;

interface Call {
  readonly what: string;
  readonly at: Pick<Contestant, 'port' | 'headers'>;
  readonly path: string;
  readonly body: Buffer;
}

const upstream = await startNode('upstream', 'upstream', [], LOAD_CORE);
const drover = await startDrover(upstream.port, SLOTS);
try {
  const chat = { path: '/v1/chat/completions', body: chatBody({ tokens: 1 }, false, BODY_BYTES) };
  const task = { path: '/v2/tasks', body: Buffer.from(JSON.stringify({ model: 'bench', prompt: 'a', max_tokens: 1 })) };
  const calls: readonly Call[] = [
    { what: 'chat, directly', at: upstream, ...chat },
    { what: 'chat, through Drover', at: drover, ...chat },
    { what: 'POST /v2/tasks', at: drover, ...task },
  ];
  const rows = [];
  for (const call of calls) {
    // Compiles what is measured.
    await answerTimes(call, RATE, 2);
    rows.push(row(call.what, await answerTimes(call, RATE, SECONDS)));
  }
  printTable(`${RATE} requests a second for ${SECONDS} s, from due to answered`, rows);
} finally {
  await drover.stop();
  await upstream.stop();
}

function row(what: string, times: readonly number[]) {
  return { what, 'p50 ms': percentile(times, 0.5), 'p95 ms': percentile(times, 0.95), 'most ms': Math.max(...times) };
}

/** Milliseconds of each request, from when it was due. */
async function answerTimes({ at, path, body }: Call, rate: number, seconds: number): Promise<readonly number[]> {
  const pool = new Pool(`http://127.0.0.1:${at.port}`, { connections: SLOTS, pipelining: 1 });
  const began = performance.now();
  const answers = Array.from({ length: rate * seconds }, async (_, number) => {
    const due = began + (number * 1_000) / rate;
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
    const headers = ['content-type', 'application/json', ...at.headers];
    const answer = await pool.request({ path, method: 'POST', headers, body });
    await answer.body.dump();
    if (answer.statusCode >= 300) throw new Error(`${path} answers ${answer.statusCode}`);
    return performance.now() - due;
  });
  try {
    return await Promise.all(answers);
  } finally {
    await pool.close();
  }
}
