/** The gateway before an engine process that looks like llama-server: its slots are free again after every way to leave. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterEach, expect, test } from 'vitest';

import { freePort } from '../../test/support/free-port.ts';
import { report, startGateway } from '../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../test/support/gateway-rig.ts';
import { AT_ONCE_MS, until } from '../../test/support/patience.ts';

const FAKE_ENGINE = fileURLToPath(new URL('../../test/support/fake-engine/fake-engine.mjs', import.meta.url));
const KEY = 'engine-key';

interface House {
  readonly rig: GatewayRig;
  readonly engine: ChildProcess;
  readonly port: number;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** One engine with one slot, ready, behind a gateway. */
async function house(switches: Readonly<Record<string, string>>): Promise<House> {
  const port = await freePort();
  const engine = spawn(process.execPath, [FAKE_ENGINE, '--port', String(port), '--parallel', '1', '--alias', 'alpha'], {
    env: { ...process.env, ...switches, LLAMA_API_KEY: KEY },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  open.push(() => gone(engine));
  await untilSaid(engine, 'model loaded');
  const rig = await startGateway([{ name: 'alpha', port }]);
  open.push(async () => rig[Symbol.asyncDispose]());
  rig.gateway.onInstance(report({ name: 'alpha', port }, { key: KEY, pid: engine.pid ?? null }));
  return { rig, engine, port };
}

const ask = (more: object = {}): object => ({
  model: 'alpha',
  messages: [{ role: 'user', content: 'hello' }],
  max_tokens: 1_000,
  stream: true,
  ...more,
});

test('a stream arrives with its usage', async () => {
  const { rig } = await house({});

  const answer = await rig.post(ask({ max_tokens: 20, stream_options: { include_usage: true } }));

  expect(await answer.text()).toMatch(/"usage":{"completion_tokens":20.*\[DONE\]/s);
  expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'done', tokensOut: 20 }]);
});

test('a client that leaves while tokens come has freed the engine’s slot at once', async () => {
  const { rig, port } = await house({ FAKE_ENGINE_TOKEN_MS: '20' });
  const leave = new AbortController();
  const answer = await rig.post(ask(), { signal: leave.signal });
  await answer.body?.getReader().read();

  leave.abort();
  const left = performance.now();
  await untilIdle(port);

  expect(performance.now() - left).toBeLessThan(AT_ONCE_MS);
  expect((await rig.post(ask({ stream: false, max_tokens: 1 }))).status).toBe(200);
});

test('a client that leaves while the prompt is read frees the slot, and the next one is served', async () => {
  const { rig, port } = await house({ FAKE_ENGINE_PROMPT_MS: '2000' });
  const leave = new AbortController();
  const answer = rig.post(ask(), { signal: leave.signal }).catch(() => 'left');
  await untilBusy(port);

  leave.abort();

  expect(await answer).toBe('left');
  expect((await rig.post(ask({ stream: false, max_tokens: 1 }))).status).toBe(200);
});

test('an engine that crashes between tokens ends the stream with an error event', async () => {
  const { rig } = await house({ FAKE_ENGINE_CRASH_AT_TOKEN: '6', FAKE_ENGINE_TOKEN_MS: '5' });

  const text = await (await rig.post(ask())).text();

  expect(text).toContain('"content":"the"');
  expect(text).toMatch(/data: {"error":{[^\n]*"code":"engine_failed"[^\n]*}}\n\n$/);
});

test('an engine killed while it reads the prompt is waited for, and the request is served by the next process', async () => {
  const { rig, engine, port } = await house({ FAKE_ENGINE_PROMPT_MS: '60000' });
  const answer = rig.post(ask({ max_tokens: 3 }));
  await untilBusy(port);
  const next = await house({});

  engine.kill('SIGKILL');
  await once(engine, 'exit');
  rig.gateway.onInstance(report({ name: 'alpha', port, state: 'backoff' }, { generation: 2, port: null }));
  rig.gateway.onInstance(
    report({ name: 'alpha', port: next.port }, { generation: 3, key: KEY, pid: next.engine.pid ?? null }),
  );

  expect(await (await answer).text()).toContain('[DONE]');
  expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'done' }]);
  expect(rig.ended[0]?.attempts).toBeGreaterThan(1);
});

async function slotsBusy(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/slots`, { headers: { authorization: `Bearer ${KEY}` } });
  return ((await answer.json()) as { is_processing: boolean }[]).some((slot) => slot.is_processing); // the engine's own shape
}

async function untilIdle(port: number): Promise<void> {
  await until(async () => !(await slotsBusy(port)));
}

async function untilBusy(port: number): Promise<void> {
  await until(() => slotsBusy(port));
}

async function untilSaid(engine: ChildProcess, words: string): Promise<void> {
  let said = '';
  while (!said.includes(words)) said += String((await once(engine.stderr ?? engine, 'data'))[0]);
}

async function gone(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  const exit = once(engine, 'exit');
  engine.kill('SIGKILL');
  await exit;
}
