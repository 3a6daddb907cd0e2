/** Bad input gets its message, its place, a hint, and the right exit code. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { openHouse } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';

test('an unknown instance is exit 3, with the nearest name', async () => {
  await using house = await openHouse();
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');

  const up = await house.drover('up', 'alhpa');

  expect(up).toMatchObject({ code: 3 });
  expect(up.stderr).toContain('INSTANCE_NOT_FOUND');
  expect(up.stderr).toContain('alpha');
});

describe('config files', () => {
  test('config validate of an invalid file is exit 1 and names file, path, message and hint', async () => {
    await using house = await openHouse();
    const file = writeConfig(house, 'alpha', { name: 'alpha', model: { path: '/m.gguf' }, server: { prot: 8001 } });

    const validated = await house.drover('config', 'validate', file);

    expect(validated.code).toBe(1);
    expect(`${validated.stdout}${validated.stderr}`).toMatch(/config\.json.*server\.prot/s);
    expect(`${validated.stdout}${validated.stderr}`).toContain('"port"');
  });

  test.each([
    ['that is invalid', { name: 'alpha', model: { path: '/m.gguf' }, server: { port: 70_000 } }, 'CONFIG_INVALID'],
    ['whose model file is missing', { name: 'alpha', model: { path: '/no/such.gguf' } }, 'MODEL_FILE_MISSING'],
    ['whose model file is no GGUF', { name: 'alpha', model: { path: '/etc/passwd' } }, 'MODEL_FILE_INVALID'],
  ])('up with a config %s is exit 4', async (_what, config, code) => {
    await using house = await openHouse();
    writeConfig(house, 'alpha', config);

    const up = await house.drover('up', 'alpha');

    expect(up).toMatchObject({ code: 4 });
    expect(up.stderr).toContain(code);
    expect(up.stderr).toContain('hint:');
    expect(up.stderr).not.toMatch(/\n\s+at /);
  });

  test('up on a taken port is exit 5 and names the port', async () => {
    await using house = await openHouse();
    await house.drover('models', 'demo');
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    writeConfig(house, 'alpha', { name: 'alpha', model: { id: 'demo' }, server: { port } });

    const up = await house.drover('up', 'alpha');
    taken.close();

    expect(up).toMatchObject({ code: 5 });
    expect(up.stderr).toContain(`${port}`);
  });
});

test('a front door port that is taken is exit 5 and names it', async () => {
  await using house = await openHouse();
  const taken = createServer().listen(house.port, '127.0.0.1');
  await new Promise((done) => taken.once('listening', done));

  const started = await house.drover('daemon', 'start');
  taken.close();

  expect(started).toMatchObject({ code: 5 });
  expect(started.stderr).toContain(`${house.port}`);
});

test('daemon status of a stopped daemon is exit 6, and plain commands do not start it', async () => {
  await using house = await openHouse();

  const status = await house.drover('daemon', 'status', '--json');

  expect(status.code).toBe(6);
  expect(JSON.parse(status.stdout)).toEqual({ running: false });
  expect(await house.drover('daemon', 'stop')).toMatchObject({ code: 0 });
  expect(house.processes()).toEqual([]);
});

test('with DROVER_AUTOSTART=0 a command that needs the daemon is exit 6 with the command that starts it', async () => {
  await using house = await openHouse({ DROVER_AUTOSTART: '0' });

  const listed = await house.drover('ps');

  expect(listed.code).toBe(6);
  expect(listed.stderr).toContain('drover daemon start');
});

describe('plans', () => {
  const cases: readonly { what: string; plan: string; code: RegExp; place: RegExp }[] = [
    {
      what: 'with a cycle',
      plan: planOf('cycle', [
        { id: 'a', command: 'true', dependsOn: 'b' },
        { id: 'b', command: 'true', dependsOn: 'a' },
      ]),
      code: /error P\d{3}/,
      place: /plan\.md:\d+:\d+: .*cycle/i,
    },
    {
      what: 'with an unknown dependency',
      plan: planOf('unknown', [
        { id: 'first', command: 'true' },
        { id: 'second', command: 'true', dependsOn: 'frist' },
      ]),
      code: /error P020/,
      place: /plan\.md:19:\d+: .*frist/,
    },
    {
      what: 'in near-miss syntax',
      plan: '# Plan: near\n\n## Tasks\n\n### Task: one\n- executor: worker\n- command: `true`\n',
      code: /error P\d{3}/,
      place: /plan\.md:5:\d+/,
    },
    {
      what: 'with an unresolved variable',
      plan: planOf('variable', [{ id: 'one', command: 'echo {NO_SUCH}' }]),
      code: /error P\d{3}/,
      place: /plan\.md:\d+:\d+: .*NO_SUCH/,
    },
    {
      what: 'with a duplicate id',
      plan: planOf('twice', [
        { id: 'one', command: 'true' },
        { id: 'one', command: 'true' },
      ]),
      code: /error P\d{3}/,
      place: /plan\.md:15:\d+: .*one/,
    },
    { what: 'without tasks', plan: '# Plan: empty\n\n## Tasks\n', code: /error P\d{3}/, place: /plan\.md:\d+:\d+/ },
  ];

  test.each(cases)(
    'a plan $what is exit 4 at submit, with line, column, caret and help',
    async ({ plan, code, place }) => {
      await using house = await openHouse();

      const submitted = await house.drover('submit', writePlan(house.home, plan));

      expect(submitted.code).toBe(4);
      expect(submitted.stderr).toMatch(code);
      expect(submitted.stderr).toMatch(place);
      expect(submitted.stderr).toMatch(/\n\s*\|?\s*\^/);
      expect(submitted.stderr).toContain('help:');
      expect(await house.json('batch', 'ls')).toEqual([]);
    },
  );
});

test('a full queue is 429 with Retry-After', async () => {
  await using house = await openHouse();
  writeFileSync(settingsFile(house), JSON.stringify({ queue_per_model: 1 }));
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });
  const body = JSON.stringify({
    model: 'alpha',
    messages: [{ role: 'user', content: 'hello' }],
    max_tokens: 2_000,
    ignore_eos: true,
  });
  const stop = new AbortController();
  const ask = () =>
    fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      signal: stop.signal,
    }).catch(() => null);

  const waiting = [ask(), ask()];
  const refused = await firstRefusal(ask);
  const told: unknown = await refused.json();
  stop.abort();
  await Promise.all(waiting);

  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(told).toMatchObject({ error: { code: 'queue_full' } });
});

/** One request runs and one waits; those that come while that is so are refused. */
async function firstRefusal(ask: () => Promise<Response | null>): Promise<Response> {
  for (;;) {
    const answer = await Promise.race([ask(), new Promise<null>((next) => setTimeout(() => next(null), 500))]);
    if (answer?.status === 429) return answer;
  }
}

function writeConfig(house: House, name: string, config: unknown): string {
  const folder = join(house.home, 'instances', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config, null, 2));
  return join(folder, 'config.json');
}

function settingsFile(house: House): string {
  mkdirSync(house.home, { recursive: true });
  return join(house.home, 'config.json');
}
