/** Engines that answer their health path and yet do nothing, and engines that nobody uses: over real processes. */

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { InstanceReport } from '../../src/contract/index.ts';
import { until } from '../support/patience.ts';
import { createSupervisedHost, enginePids, fakeSpec } from '../support/supervised-host.ts';
import type { Life, SupervisedHost } from '../support/supervised-host.ts';

let host: SupervisedHost;
let life: Life;

beforeEach(async () => {
  host = await createSupervisedHost();
  life = await host.live();
});

afterEach(() => host.close());

function complete(report: InstanceReport, tokens: number): Promise<Response> {
  return fetch(`${report.url}/v1/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${report.key}` },
    body: JSON.stringify({ prompt: 'hello', max_tokens: tokens }),
  });
}

test('an engine that answers its health path but never finishes a request is ended and started again', async () => {
  const spec = fakeSpec({ HANG: 'tokens' }, { health: { stallTimeoutMs: 1_000 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');

  const lost = complete(first, 20).catch((error: unknown) => error);
  const unhealthy = await life.until('qwen', (report) => report.state === 'unhealthy');
  const second = await life.until('qwen', (report) => report.state === 'ready' && report.pid !== first.pid);

  expect(unhealthy).toMatchObject({
    health: 'unhealthy',
    healthDetail: expect.stringContaining('have not moved') as string,
  });
  expect(second.restarts).toBe(1);
  expect(await lost).toBeInstanceOf(Error);
});

test('an engine that says it is well and cannot answer is never ready, and the operator is told why', async () => {
  const spec = fakeSpec({ WRONG: 'status' }, { restart: { maxRetries: 0 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);

  const refused = life.supervisor.ensureReady('qwen');

  await expect(refused).rejects.toMatchObject({ code: 'ENGINE_START_FAILED' });
  await expect(refused).rejects.toThrow('did not answer its first request (/v1/completions: HTTP 500: fake failure)');
  expect(life.statesOf('qwen')).toEqual(['starting', 'loading', 'unhealthy', 'failed']);
  expect(enginePids(host.home, 'qwen')).toEqual([]);
});

test('an engine that hangs at its first request is ended after its stall_timeout', async () => {
  const spec = fakeSpec({ HANG: 'prompt' }, { health: { stallTimeoutMs: 500 }, restart: { maxRetries: 0 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);

  const refused = life.supervisor.ensureReady('qwen');

  await expect(refused).rejects.toThrow('did not answer its first request (nothing within 500ms)');
  expect(life.statesOf('qwen')).not.toContain('ready');
});

test('an engine that dies at its first request has crashed, in its own words', async () => {
  const spec = fakeSpec({ CRASH_ON_REQUEST: '1' }, { restart: { maxRetries: 0 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);

  const refused = life.supervisor.ensureReady('qwen');

  await expect(refused).rejects.toMatchObject({ code: 'ENGINE_START_FAILED' });
  await expect(refused).rejects.toThrow('exited with code 42 before it was ready: fake engine crashes with 42');
});

test('an engine that is slow but moves is left alone', async () => {
  const spec = fakeSpec({ TOKEN_MS: '500' }, { health: { stallTimeoutMs: 3_000 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const ready = await life.supervisor.ensureReady('qwen');

  const answer = await complete(ready, 8);

  expect(answer.status).toBe(200);
  expect(life.statesOf('qwen')).toEqual(['starting', 'loading', 'ready']);
});

test('an idle engine that does not answer its canary is ended and started again', async () => {
  const spec = fakeSpec({ HANG: 'prompt', HANG_ON_REQUEST: '2' }, { health: { canaryMs: 1_000, timeoutMs: 400 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');

  const unhealthy = await life.until('qwen', (report) => report.state === 'unhealthy');
  const second = await life.until('qwen', (report) => report.state === 'ready' && report.pid !== first.pid);

  expect(unhealthy.healthDetail).toContain('did not answer a request for one token within 400ms');
  expect(second.restarts).toBe(1);
});

test('every probe is recorded once, and a change of health is seen in the reports', async () => {
  const spec = fakeSpec({ HANG: 'health', HANG_AFTER_MS: '500' }, { health: { timeoutMs: 400 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');

  await life.until('qwen', (report) => report.state === 'ready' && report.health === 'unhealthy');
  const probes = life.supervisor.takeProbes();

  expect(probes).toContainEqual(expect.objectContaining({ name: 'qwen', health: 'healthy', detail: null }));
  expect(probes.at(-1)).toMatchObject({ name: 'qwen', health: 'unhealthy', detail: 'timeout' });
  expect(probes.at(-1)?.latencyMs).toBeGreaterThanOrEqual(400);
});

test('a slow engine delays the probes of nobody else', async () => {
  const slow = fakeSpec({ HANG: 'health' }, { name: 'slow', health: { timeoutMs: 60_000 } });
  const quick = fakeSpec({}, { name: 'quick', health: { intervalMs: 100 } });
  life.supervisor.apply([
    { spec: slow, desired: 'running' },
    { spec: quick, desired: 'running' },
  ]);
  await life.supervisor.ensureReady('quick');
  life.supervisor.takeProbes();

  expect(await until(() => life.supervisor.takeProbes().some(({ name }) => name === 'quick'))).toBe(true);
});

const SLEEPY = { idleTtlMs: 1_000 };

test('an idle instance falls asleep, and a request that asks for it is served by a new engine', async () => {
  life.supervisor.apply([{ spec: fakeSpec({}, SLEEPY), desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');

  const asleep = await life.until('qwen', (report) => report.state === 'asleep');
  const left = enginePids(host.home, 'qwen');
  const second = await life.supervisor.ensureReady('qwen', { by: 'request' });

  expect(asleep).toMatchObject({ desired: 'running', pid: null, port: null, health: 'unknown' });
  expect(left).toEqual([]);
  expect(second.pid).not.toBe(first.pid);
  expect((await complete(second, 1)).status).toBe(200);
});

test('a request during idle-unload is served', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ TERM_MS: '300' }, SLEEPY), desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  await life.until('qwen', (report) => report.state === 'stopping');

  const ready = await life.supervisor.ensureReady('qwen', { by: 'request' });

  expect((await complete(ready, 3)).status).toBe(200);
  expect(life.statesOf('qwen')).not.toContain('asleep');
  expect(enginePids(host.home, 'qwen')).toEqual([ready.pid]);
});

test('an instance that is asleep stays so in the next life of the agent, until it is asked for', async () => {
  const spec = fakeSpec({}, SLEEPY);
  life.supervisor.apply([{ spec, desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  await life.until('qwen', (report) => report.state === 'asleep');
  await life.end();

  const next = await host.live();
  next.supervisor.apply([{ spec, desired: 'running' }]);
  const found = next.supervisor.reports();
  const woken = await next.supervisor.ensureReady('qwen', { by: 'request' });

  expect(found).toMatchObject([{ state: 'asleep', desired: 'running' }]);
  expect(woken.state).toBe('ready');
});

test('requests that the controller tells of keep an instance awake, and so do those that its slots show', async () => {
  const spec = fakeSpec({ TOKEN_MS: '250' }, SLEEPY);
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const ready = await life.supervisor.ensureReady('qwen');

  const answer = await complete(ready, 8);
  const states = life.statesOf('qwen');

  expect(answer.status).toBe(200);
  expect(states.at(-1)).toBe('ready');
});
