/**
 * How long a worker takes to say that it lives, while it generates and while it does not, beside a server of Node that
 * does nothing else (bar: 10 ms).
 * Run: `npm run bench -- serving/worker-health [--asks 300]`.
 */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { Pool } from 'undici';

import { startEngine } from '../../test/support/engine-process.ts';
import type { EngineProcess } from '../../test/support/engine-process.ts';
import { numberFrom, percentile, printTable } from '../support.ts';

const ASKS = numberFrom(process.argv, '--asks', 300);
const GAP_MS = 10;

const rows = [];
const bare = createServer((_request, response) => response.end('{"status":"ok"}'));
await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
rows.push(await row('a server that does nothing else', `http://127.0.0.1:${(bare.address() as AddressInfo).port}`));
bare.close();

const engine = await startEngine({ kind: 'embedded' });
try {
  rows.push(await row('worker, idle', engine.url));
  for (const streams of [1, 4]) {
    const stop = await generate(engine, streams);
    rows.push(await row(`worker, ${streams} streams`, engine.url));
    stop.abort();
  }
} finally {
  await engine.stop();
}
printTable(`GET /health, ${ASKS} times`, rows);

async function row(what: string, url: string) {
  const pool = new Pool(url, { connections: 1 });
  const times: number[] = [];
  for (let asked = 0; asked < ASKS; asked++) {
    const since = performance.now();
    const { body } = await pool.request({ path: '/health', method: 'GET' });
    await body.dump();
    times.push(performance.now() - since);
    await sleep(GAP_MS);
  }
  await pool.close();
  return { what, 'p50 ms': percentile(times, 0.5), 'p95 ms': percentile(times, 0.95), 'most ms': Math.max(...times) };
}

/** Streams that begin anew when they have ended, until they are stopped; resolves when tokens come. */
async function generate({ call }: EngineProcess, streams: number): Promise<AbortController> {
  const stop = new AbortController();
  const begin = async (): Promise<void> => {
    const body = { prompt: 'the', max_tokens: 900, ignore_eos: true, stream: true };
    const answer = await call('/v1/completions', body, stop.signal);
    const reader = answer.body?.getReader();
    await reader?.read();
    void (async () => {
      while (reader !== undefined && !(await reader.read()).done);
      await begin();
    })().catch(() => {}); // stopped
  };
  await Promise.all(Array.from({ length: streams }, begin));
  return stop;
}
