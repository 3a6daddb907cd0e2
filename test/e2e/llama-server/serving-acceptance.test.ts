/**
 * What serving must stand, each by its name: a killed controller under streams, clients that leave, long prompts behind
 * an impatient proxy, a host that is cut off. Shares, contexts and alternating models have suites of their own.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { FactView, InstanceView, QueueView } from '../../../src/contract/index.ts';
import { startGateway } from '../../support/gateway-rig.ts';
import { freePort, openHouse, until } from '../../support/house.ts';
import type { House } from '../../support/house.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';
import { hasNginx, NGINX, nginxArgs } from '../../support/nginx.ts';
import { engineProcesses } from '../../support/soak/inspection.ts';
import { AT_ONCE_MS } from '../../support/patience.ts';
import { FAKE_ENGINE } from '../../support/supervised-host.ts';
import { startSyntheticUpstream } from '../../support/synthetic-upstream.ts';

const CONTEXT = 32_768;
/** An engine lets go of a prompt between batches; on a busy machine each takes its time. */
const BATCH = 128;

async function up(house: House, parallel: number, more: Readonly<Record<string, unknown>> = {}): Promise<InstanceView> {
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  house.editConfig('alpha', (config) => ({
    ...config,
    model: { id: 'demo', context_size: CONTEXT, batch_size: BATCH },
    server: { parallel },
    ...more,
  }));
  expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });
  return alpha(house);
}

/** Asked of the controller alone: no command starts what is not there. */
async function read<T>(house: House, path: string): Promise<T> {
  return (await (await fetch(`${house.url}${path}`)).json()) as T;
}

async function alpha(house: House): Promise<InstanceView> {
  const [only, ...others] = await read<InstanceView[]>(house, '/v2/instances');
  expect(others).toEqual([]);
  if (only === undefined) throw new Error('there is no instance');
  return only;
}

interface Words {
  readonly model?: string;
  readonly prompt?: string;
  readonly tokens?: number;
  readonly signal?: AbortSignal;
}

function say(house: House, { model = 'alpha', prompt = 'The herd', tokens = 8, signal }: Words): Promise<Response> {
  return fetch(`${house.url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, prompt, max_tokens: tokens, ignore_eos: true, stream: tokens > 8 }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** A stream that has begun to speak. */
async function speaking(house: House, words: Words): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const reader = (await say(house, words)).body?.getReader();
  if (reader === undefined) throw new Error('the answer has no body');
  await reader.read();
  return reader;
}

async function restOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  let text = '';
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      text += Buffer.from(piece.value).toString('latin1');
    }
    return text;
  } catch {
    return `${text}(cut)`;
  }
}

test('kill -9 of the controller while 10 streams run: engines are re-adopted, no orphan, no double load', async () => {
  await using house = await openHouse();
  const before = await up(house, 10);
  const engines = engineProcesses(house.home, house.processes());
  const streams = await Promise.all(Array.from({ length: 10 }, () => speaking(house, { tokens: 20_000 })));

  await house.kill('controller');
  const rests = await Promise.all(streams.map(restOf));
  await house.json('ps');
  const names = Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? 'alpha' : 'demo'));
  const answers = await Promise.all(names.map((model) => say(house, { model })));
  await until(
    () => alpha(house),
    ({ slots }) => slots.busy === 0,
  );

  expect(rests.filter((text) => !text.endsWith('(cut)'))).toEqual([]);
  expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
  expect(await alpha(house)).toMatchObject({ pid: before.pid, status: 'ready', restarts: 0, slots: { total: 10 } });
  expect(engineProcesses(house.home, house.processes())).toEqual(engines);
  const facts = (await house.drover('events')).stdout.trim().split('\n');
  const loads = facts
    .map((line) => JSON.parse(line) as FactView)
    .filter(({ type, data }) => type === 'instance.changed' && (data as { to: string }).to === 'loading');
  expect(loads).toHaveLength(1);
});

const llamaServer = builtLlamaServer();
const ENGINES = [
  { name: 'the embedded engine', engine: { kind: 'embedded' }, there: true },
  {
    name: 'a real llama-server',
    engine: { kind: 'llama-server', path: llamaServer },
    there: llamaServer !== null,
  },
];

describe.each(ENGINES)('the client closes its socket, before $name', ({ engine, there }) => {
  test.skipIf(!there)(
    'in (a) queue wait, (b) prefill, (c) decode: the slot is idle at once, the entry gone, `cancelled` one more',
    async () => {
      await using house = await openHouse();
      await up(house, 1, { engine });

      const [running, waiting] = [new AbortController(), new AbortController()];
      await speaking(house, { tokens: 30_000, signal: running.signal });
      const queued = say(house, { tokens: 100, signal: waiting.signal }).catch(() => 'left');
      await until(
        () => read<QueueView>(house, '/v2/queue'),
        (queue) => queue.queued === 1,
      );
      waiting.abort();
      expect(await queued).toBe('left');
      await until(
        () => cancelled(house),
        (phases) => phases['queue'] === 1,
      );
      expect(await read(house, '/v2/queue')).toMatchObject({ queued: 0, in_flight: 1 });

      expect(await msToIdle(house, running)).toBeLessThan(AT_ONCE_MS);
      expect(await cancelled(house)).toEqual({ queue: 1, decode: 1 });

      const prefilled = new AbortController();
      const long = say(house, { prompt: 'llama walks '.repeat(2_400), tokens: 100, signal: prefilled.signal });
      const left = long.catch(() => 'left');
      await until(() => isWorking(house));
      expect(await msToIdle(house, prefilled)).toBeLessThan(AT_ONCE_MS);
      expect(await left).toBe('left');
      expect(await cancelled(house)).toEqual({ queue: 1, decode: 1, prefill: 1 });
      expect((await say(house, {})).status).toBe(200);
    },
  );
});

/** By the engine's own account. */
async function isWorking(house: House): Promise<boolean> {
  const slots = await read<{ is_processing: boolean }[]>(house, '/slots?model=alpha');
  return slots.some((slot) => slot.is_processing);
}

async function msToIdle(house: House, client: AbortController): Promise<number> {
  client.abort();
  const left = performance.now();
  await until(async () => !(await isWorking(house)));
  await until(
    () => alpha(house),
    ({ slots }) => slots.busy === 0,
  );
  return performance.now() - left;
}

/** Of the metrics: cancelled requests by what they were doing. */
async function cancelled(house: House): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${house.url}/metrics`)).text();
  const rows = text.matchAll(/^drover_requests_cancelled_total\{[^}]*phase="(\w+)"[^}]*\} (\d+)/gm);
  return Object.fromEntries([...rows].map(([, phase = '', count]) => [phase, Number(count)]));
}

/** A second of the rule is this long here: 300 s of prefill are 10 s, the proxy's 60 s are 2 s. */
const SCALE = 1_000 / 30;
const MINUTES_5 = Math.round(300 * SCALE);

describe.skipIf(!hasNginx())('a 5-minute prefill through a proxy with 60 s idle timeout (30 times as fast)', () => {
  test('the client is still connected, and gets its whole answer', async () => {
    await using before = await proxied({ holdMs: 3 * SCALE, keepAliveMs: 5 * SCALE });

    const chat = before.post('/v1/chat/completions');
    const messages = before.post('/v1/messages');

    const [said, events] = await Promise.all([chat, messages].map(async (answer) => (await answer).text()));
    expect(said?.split(': working\n\n').length).toBeGreaterThan(30);
    expect(said).toContain('"content":"4@');
    expect(said?.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(events?.split('event: ping\n').length).toBeGreaterThan(30);
    expect(events).toContain('"text":"4@');
  });

  test('without keep-alives the proxy would have given up', async () => {
    await using before = await proxied({ holdMs: MINUTES_5 * 2, keepAliveMs: 5 * SCALE });

    expect((await before.post('/v1/chat/completions')).status).toBe(504);
  });
});

interface Proxied extends AsyncDisposable {
  post(path: string): Promise<Response>;
}

/** A gateway before an engine that takes five minutes to read a prompt, behind nginx. */
async function proxied(limits: { readonly holdMs: number; readonly keepAliveMs: number }): Promise<Proxied> {
  const engine = await startSyntheticUpstream({ slots: 2 });
  const rig = await startGateway([{ name: 'alpha', port: engine.port, slots: 2 }], { limits });
  const folder = mkdtempSync(join(tmpdir(), 'drover-nginx-'));
  const port = await freePort();
  const plan = { port, upstreamPort: Number(new URL(rig.url).port), readTimeout: `${Math.round(60 * SCALE)}ms` };
  const nginx = spawn(NGINX, nginxArgs(folder, plan), { stdio: 'ignore' });
  const gone = new Promise((resolve) => nginx.once('exit', resolve));
  await until(() =>
    fetch(`http://127.0.0.1:${port}/v1/models`).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
  const body = { model: 'alpha', stream: true, max_tokens: 5, messages: [{ role: 'user', content: 'long' }] };
  return {
    post: (path) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, synthetic: { tokens: 5, prefillMs: MINUTES_5 } }),
      }),
    async [Symbol.asyncDispose]() {
      nginx.kill('SIGTERM');
      await gone;
      await rig[Symbol.asyncDispose]();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Longer than the lease of an agent and its grace together, as the 60 s of the rule are. */
const CUT_OFF_MS = 28_000;
const TOKEN_MS = 100;

test('partition of a host for 60 s (time scaled): its requests finish, nothing is started twice, and it is adopted again', async () => {
  await using house = await openHouse();
  const engine = { kind: 'llama-server', path: FAKE_ENGINE };
  const before = await up(house, 2, { engine, env: { FAKE_ENGINE_TOKEN_MS: String(TOKEN_MS) } });
  const engines = engineProcesses(house.home, house.processes());
  const tokens = CUT_OFF_MS / TOKEN_MS + 20;
  const running = await speaking(house, { tokens });

  const agent = house.pidOf('agent');
  process.kill(agent, 'SIGSTOP');
  await new Promise((next) => setTimeout(next, CUT_OFF_MS));
  const meanwhile = await say(house, {});
  process.kill(agent, 'SIGCONT');
  const rest = await restOf(running);
  await until(
    () => alpha(house),
    ({ status, slots }) => status === 'ready' && slots.busy === 0,
  );

  expect(rest).toMatch(/data: \[DONE\]\n\n$/);
  expect(meanwhile.status).toBe(200);
  expect(await alpha(house)).toMatchObject({ pid: before.pid, restarts: 0 });
  expect(engineProcesses(house.home, house.processes())).toEqual(engines);
});
