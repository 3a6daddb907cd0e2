/**
 * A whole Drover under many paced streams at once, and how fast an upstream hears from its gateway of a client that left. Tokens lost,
 * memory of the controller at its most, CPU per token; milliseconds from the client's end of the connection to the
 * upstream's. Run: `npm run bench -- serving/streams [--streams N] [--aborts N]`.
 */

import { request } from 'node:http';

import { die, startScriptedUpstream, wait, write } from '../../test/support/scripted-upstream.ts';
import { numberFrom, percentile, printTable } from '../support.ts';
import { startDrover, startNode } from './contestants.ts';
import { chatBody, createLoad } from './load.ts';
import { LOAD_CORE } from './processes.ts';
import type { Contestant } from './processes.ts';

const STREAMS = numberFrom(process.argv, '--streams', 1_000);
const ABORTS = numberFrom(process.argv, '--aborts', 100);
const PACE = { tokens: 50, gapMs: 400 };
const BODY_BYTES = 2_048;
const LOOK_MS = 100;

await manyStreams();
await manyAborts();

async function manyStreams(): Promise<void> {
  const upstream = await startNode('upstream', 'upstream', [], LOAD_CORE);
  const drover = await startDrover(upstream.port, STREAMS);
  const load = createLoad(drover, STREAMS);
  try {
    await load.once(chatBody({ tokens: 4 }, true, BODY_BYTES), 8);
    const idleMb = drover.rssMb();
    const cpuBefore = drover.cpuMs();
    const memory = mostMemory(drover);
    const exchanges = await load.once(chatBody(PACE, true, BODY_BYTES), STREAMS);
    const mostMb = memory.stop();
    const tokens = exchanges.reduce((sum, one) => sum + one.tokens, 0);
    const hops = exchanges.flatMap((one) => one.hopsMs);
    printTable(`${STREAMS} streams of ${PACE.tokens} tokens, one each ${PACE.gapMs} ms`, [
      {
        'tokens lost': STREAMS * PACE.tokens - tokens,
        'controller RSS MB, idle': idleMb,
        'at its most': mostMb,
        'CPU µs/token': (1_000 * (drover.cpuMs() - cpuBefore)) / tokens,
        'hop p50 ms': percentile(hops, 0.5),
        'hop p99 ms': percentile(hops, 0.99),
      },
    ]);
  } finally {
    await load.close();
    await drover.stop();
    await upstream.stop();
  }
}

function mostMemory(drover: Contestant): { stop(): number } {
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, drover.rssMb())), LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(most, drover.rssMb());
    },
  };
}

/** One after the other: each client leaves when it has read its first token. */
async function manyAborts(): Promise<void> {
  const frame = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'word' } }] })}\n\n`;
  await using upstream = await startScriptedUpstream([write(frame), wait(60_000), die]);
  const drover = await startNode('drover, relay only', 'drover-relay', [String(upstream.port)]);
  try {
    const latencies: number[] = [];
    for (let turn = 0; turn < ABORTS; turn++) {
      const leftAt = await readAndLeave(drover);
      while (upstream.closedAt.length <= turn) await new Promise((resolve) => setImmediate(resolve));
      latencies.push((upstream.closedAt[turn] ?? Number.NaN) - leftAt);
    }
    printTable(`${ABORTS} clients that leave, to the upstream's socket closed`, [
      {
        'p50 ms': percentile(latencies, 0.5),
        'p95 ms': percentile(latencies, 0.95),
        'most ms': Math.max(...latencies),
      },
    ]);
  } finally {
    await drover.stop();
  }
}

function readAndLeave({ port, headers }: Contestant): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: '127.0.0.1',
      path: '/v1/chat/completions',
      method: 'POST',
      headers: ['host', 'drover', ...headers],
    };
    const asked = request(options, (response) => {
      response.once('data', () => {
        asked.destroy();
        resolve(performance.now());
      });
    });
    asked.once('error', reject);
    asked.end(chatBody({}, true, BODY_BYTES));
  });
}
