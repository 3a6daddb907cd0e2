/** Instances that come and go with their requests: asleep, ephemeral, drained, orphaned. Through the whole house. */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { InstanceView } from '../../src/contract/index.ts';
import { isAlive, openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { restOf } from '../support/rest.ts';
import { FAKE_ENGINE } from '../support/supervised-host.ts';

/** Asked over the socket: a state that lasts a second is over before a command has told of it. */
async function rows(house: House): Promise<readonly InstanceView[]> {
  return (await restOf(house, 'socket').ask('/v2/instances')).body as readonly InstanceView[]; // the route's shape
}

async function rowOf(house: House, name: string): Promise<InstanceView | null> {
  return (await rows(house)).find((row) => row.name === name) ?? null;
}

async function untilStatus(house: House, name: string, status: string): Promise<InstanceView> {
  const row = await until(
    () => rowOf(house, name),
    (seen) => seen?.status === status,
  );
  if (row === null) throw new Error(`${name} is gone`);
  return row;
}

interface Asked {
  readonly status: number;
  readonly instance: string | null;
  readonly body: { readonly error?: { readonly code: string; readonly message: string; readonly hint?: string } };
}

async function ask(house: House, model: string, tokens = 4): Promise<Asked> {
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: tokens, messages: [{ role: 'user', content: 'hello' }] }),
  });
  const body = (await answer.json()) as Asked['body']; // an answer or an error in the shape of the protocol
  return { status: answer.status, instance: answer.headers.get('x-drover-instance'), body };
}

/** An instance over the fake engine, named like its config. */
async function initFake(house: House, name: string, more: Record<string, unknown> = {}): Promise<void> {
  expect(await house.drover('init', name, '-m', 'demo')).toMatchObject({ code: 0 });
  house.editConfig(name, (config) => ({
    ...config,
    engine: { kind: 'llama-server', path: FAKE_ENGINE },
    model: { id: 'demo', context_size: 512 },
    ...more,
  }));
}

test('an instance sleeps when nobody asks, a request wakes it, and one that comes while it unloads is served', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await initFake(house, 'alpha', { idle_ttl: '1s', env: { FAKE_ENGINE_TERM_MS: '3000' } });
  expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });

  const first = await untilStatus(house, 'alpha', 'asleep');
  const woken = await ask(house, 'alpha');
  await untilStatus(house, 'alpha', 'stopping');
  const during = await ask(house, 'alpha');

  expect(first).toMatchObject({ desired: 'running', pid: null });
  expect([woken.status, during.status]).toEqual([200, 200]);
});

test('an instance under use does not sleep, and one that is told to be down is not woken', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await initFake(house, 'alpha', { idle_ttl: '2s', env: { FAKE_ENGINE_TOKEN_MS: '1000' } });
  await house.drover('up', 'alpha');
  await ask(house, 'alpha', 1);
  const { pid } = await untilStatus(house, 'alpha', 'ready');

  const long = await ask(house, 'alpha', 6);
  const after = await rowOf(house, 'alpha');
  await house.drover('down', 'alpha');
  const refused = await ask(house, 'alpha');

  expect([long.status, after?.pid]).toEqual([200, pid]);
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'instance_stopped' } } });
  expect(refused.body.error?.hint).toContain('drover up alpha');
});

test('a model of the catalogue gets one instance for two requests at once, which goes when it falls asleep', async () => {
  await using house = await openHouse();
  expect(await house.drover('config', 'set', 'ephemeral_idle_ttl', '3s')).toMatchObject({ code: 0 });
  await house.drover('models', 'demo');

  const answers = await Promise.all([ask(house, 'demo'), ask(house, 'demo')]);
  const served = await rows(house);
  await until(
    () => rows(house),
    (left) => left.length === 0,
  );
  const again = await ask(house, 'demo');

  expect(answers.map(({ status, instance }) => [status, instance])).toEqual([
    [200, 'demo'],
    [200, 'demo'],
  ]);
  expect(served).toMatchObject([{ name: 'demo', ephemeral: true, status: 'ready', orphan: false }]);
  expect(again.status).toBe(200);
  expect(await house.drover('down', 'demo')).toMatchObject({ code: 0 });
  expect(await house.json<InstanceView[]>('ps')).toEqual([]);
});

test('a model that does not fit is refused at once, with the arithmetic, and leaves nothing', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '1x64' });
  await house.drover('models', 'demo');

  const refused = await ask(house, 'demo');

  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'memory_insufficient' } } });
  expect(refused.body.error?.message).toMatch(/\d+.*(MB|MiB|GB|GiB)/);
  expect(await house.json<InstanceView[]>('ps')).toEqual([]);
});

test('a drained instance finishes what runs, survives a restart of the daemon as drained, and up ends it', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await initFake(house, 'alpha', { env: { FAKE_ENGINE_TOKEN_MS: '500' } });
  await house.drover('up', 'alpha');

  const running = ask(house, 'alpha', 10);
  await until(
    () => rowOf(house, 'alpha'),
    (row) => row?.slots.busy === 1,
  );
  const hasty = await restOf(house, 'socket').ask('/v2/instances/alpha/drain', {
    method: 'POST',
    body: { timeout_ms: 100 },
  });
  const drained = await restOf(house, 'socket').ask('/v2/instances/alpha/drain', {
    method: 'POST',
    body: { timeout_ms: 60_000 },
  });
  await house.drover('daemon', 'restart');
  const refused = await ask(house, 'alpha');
  const row = await untilStatus(house, 'alpha', 'ready');
  await house.drover('up', 'alpha');

  expect(hasty).toMatchObject({ status: 504, body: { error: { code: 'TIMEOUT' } } });
  expect(drained).toMatchObject({ status: 200, body: { draining: true, status: 'ready', slots: { busy: 0 } } });
  expect((await running).status).toBe(200);
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'instance_draining' } } });
  expect(row.draining).toBe(true);
  expect((await ask(house, 'alpha', 1)).status).toBe(200);
});

test('an engine whose config is gone is an orphan; adopting writes the config as it was, and nothing restarts', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await initFake(house, 'alpha');
  await initFake(house, 'beta');
  await house.drover('up', 'alpha', 'beta');
  const file = join(house.home, 'instances', 'alpha', 'config.json');
  const written = readFileSync(file, 'utf8');
  const { pid } = await untilStatus(house, 'alpha', 'ready');
  const beta = await untilStatus(house, 'beta', 'ready');

  for (const name of ['alpha', 'beta']) rmSync(join(house.home, 'instances', name), { recursive: true });
  const orphan = await rowOf(house, 'alpha');
  const adopted = await restOf(house, 'socket').ask('/v2/instances/alpha/adopt', { method: 'POST' });
  expect(await house.drover('down', 'beta')).toMatchObject({ code: 0 });

  expect(orphan).toMatchObject({ orphan: true, reason: expect.stringContaining('drover adopt alpha') });
  expect(adopted).toMatchObject({ status: 200, body: { orphan: false, pid, needs_restart: false } });
  expect(readFileSync(file, 'utf8')).toBe(written);
  expect(beta.pid !== null && isAlive(beta.pid)).toBe(false);
});

test('an engine that a replaced store does not know is an orphan; its agent tells what it runs, and it is adopted', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await initFake(house, 'alpha');
  await house.drover('up', 'alpha');
  const { pid } = await untilStatus(house, 'alpha', 'ready');
  await house.drover('daemon', 'stop');
  rmSync(join(house.home, 'instances', 'alpha'), { recursive: true });
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(house.home, `store.db${suffix}`), { force: true });

  await house.drover('models', 'demo');
  const orphan = await untilStatus(house, 'alpha', 'ready');
  const adopted = await restOf(house, 'socket').ask('/v2/instances/alpha/adopt', { method: 'POST' });

  expect(orphan).toMatchObject({ orphan: true, pid });
  expect(adopted).toMatchObject({ status: 200, body: { orphan: false, pid, needs_restart: false } });
  expect(existsSync(join(house.home, 'instances', 'alpha', 'config.json'))).toBe(true);
  expect((await ask(house, 'alpha')).status).toBe(200);
});

test('two commands that bring the same instance up at once start one engine', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await initFake(house, 'alpha', { env: { FAKE_ENGINE_LOAD_MS: '1000' } });

  const [one, other] = await Promise.all([house.drover('up', 'alpha'), house.drover('up', 'alpha')]);

  expect([one.code, other.code]).toEqual([0, 0]);
  const { body } = await restOf(house, 'socket').ask('/v2/facts?subject=instance:alpha&limit=100');
  const facts = body as readonly { readonly type: string; readonly data: { readonly to?: string } }[]; // the route's shape
  expect(facts.filter(({ data }) => data.to === 'ready')).toHaveLength(1);
  expect(facts.filter(({ type }) => type === 'instance.exited')).toEqual([]);
});

test('without an agent ps shows the last known state, and does not vouch for it', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await initFake(house, 'alpha');
  await house.drover('up', 'alpha');
  const { pid } = await untilStatus(house, 'alpha', 'ready');
  await house.drover('daemon', 'stop');

  expect(await house.drover('daemon', 'start', '--no-agent')).toMatchObject({ code: 0 });

  expect(await rowOf(house, 'alpha')).toMatchObject({ status: 'ready', pid, health: 'unknown' });
  await house.drover('daemon', 'stop');
  await house.drover('daemon', 'start', '--agent');
});
