/** The management API as programs see it: over the operator's socket and over TCP, on a real daemon with a real engine. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { errorBodySchema } from '../../src/api/error-body.ts';
import { isStream } from '../../src/api/route.ts';
import type { Route } from '../../src/api/route.ts';
import { apiRoutes } from '../../src/api/routes/index.ts';
import { freePort, openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { commandsOf, readingCommands } from '../support/commands.ts';
import { writePlan } from '../support/plans.ts';
import { restOf } from '../support/rest.ts';
import type { Answered, Rest } from '../support/rest.ts';

let house: House;
let operator: Rest;
let reader: Rest;
let batchId: string;
let task: string;
let escalation: string;
let sample: string;
let request: string;
let inference: string;

/** One task leaves a sample of what a model said, the other a question about a definition that nothing can mend. */
const TRACES = `# Plan: traces

## Tasks

### talk
- **type**: generate
- **model**: demo
- **max_tokens**: 4
- **timeout**: 1m

~~~prompt
Say hello.
~~~

### stray
- **task_class**: cpu
- **timeout**: 1m
- **command**: \`no-program-of-this-name\`
`;

beforeAll(async () => {
  house = await openHouse();
  operator = restOf(house, 'socket');
  reader = restOf(house, 'tcp');
  await house.drover('daemon', 'start');
  await operator.ask('/v2/models/demo', { method: 'POST' });
  const server = { port: await freePort(), key: 'sk-operator-only' };
  const config = { model: { id: 'demo' }, server, env: { SECRET: 'of the operator' } };
  await operator.ask('/v2/instances/chat', { method: 'PUT', body: config });
  await operator.ask('/v2/instances/chat/start', { method: 'POST' });
  const folder = join(house.home, 'plans/words');
  await house.drover('plan', 'new', folder);
  const submitted = await house.json<{ batch_id: string }>('submit', folder, '--wait');
  batchId = submitted.batch_id;
  const tasks = (await operator.ask(`/v2/batches/${batchId}/tasks`)).body as { id: string }[];
  task = tasks[0]?.id ?? '';
  await house.drover('submit', writePlan(house.home, TRACES), '--wait');
  escalation = String(await firstId('/v2/escalations'));
  sample = String(await firstId('/v2/training/samples'));
  request = String(await firstId('/v2/requests'));
  const ask = { model: 'chat', prompt: 'hello', max_tokens: 2, session_id: 'talk' };
  const accepted = await operator.ask('/v2/tasks', { method: 'POST', body: ask });
  inference = (accepted.body as { task_id: string }).task_id;
});

async function firstId(path: string): Promise<unknown> {
  const [first] = (await operator.ask(path)).body as { id: unknown }[];
  return first?.id;
}

afterAll(() => house[Symbol.asyncDispose]());

/** A path of the route that exists in this house. */
function pathOf({ path }: Route): string {
  const name = path.startsWith('/v2/plans') ? 'words' : 'chat';
  const query = path === '/v2/benches' ? '?kind=model' : '';
  return (
    path.replace(':name', name).replace(':model', 'chat').replace(':id', idIn(path)).replace(':task', task) + query
  );
}

function idIn(path: string): string {
  if (path.startsWith('/v2/models')) return 'demo';
  if (path.startsWith('/v2/escalations')) return escalation;
  if (path.startsWith('/v2/requests')) return request;
  if (path.startsWith('/v2/tasks')) return inference;
  if (path.startsWith('/v2/sessions')) return 'talk';
  return path.startsWith('/v2/training') ? sample : batchId;
}

const reading = apiRoutes.filter((route) => route.method === 'GET' && !isStream(route));
const changing = apiRoutes.filter(({ scope }) => scope === 'manage');

describe('every route', () => {
  test.each(reading.map((route) => [route.path, route] as const))(
    '%s answers as its schema says',
    async (_path, route) => {
      const { status, body } = await operator.ask(pathOf(route));

      expect(status).toBe(200);
      // A config is shown with durations in ms, and its schema reads what a person writes: seconds.
      const shown = route.path === '/v2/instances/:name' ? { ...(body as object), config: null } : body;
      expect(route.answers[200]?.schema?.parse(shown)).toEqual(shown);
    },
  );

  test.each(changing.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s is refused to whoever may only read',
    async (_title, route) => {
      const answered = await reader.ask(pathOf(route), { method: route.method, body: {} });

      expect(refusalOf(route, answered)).toEqual(refusal(route, 'FORBIDDEN'));
    },
  );

  test.each(apiRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s is refused to the page of another site',
    async (_title, route) => {
      const headers = { origin: 'http://evil.example' };
      const answered = await reader.ask(pathOf(route), { method: route.method, headers });

      expect(refusalOf(route, answered)).toEqual(refusal(route, 'ORIGIN_FORBIDDEN'));
    },
  );
});

/** Ollama's clients are told in their own envelope, which has no codes. */
function refusalOf(route: Route, answered: Answered): readonly unknown[] {
  return isForOllama(route) ? [answered.status, Object.keys(answered.body as object)] : errorOf(answered);
}

function refusal(route: Route, code: string): readonly unknown[] {
  return [403, isForOllama(route) ? ['error'] : code];
}

function isForOllama({ path }: Route): boolean {
  return path.startsWith('/api/');
}

/** Status and code of an answer that is an error in the one envelope, and nothing but that. */
function errorOf({ status, body }: Answered): [number, string] {
  expect(errorBodySchema.parse(body)).toEqual(body);
  return [status, errorBodySchema.parse(body).error.code];
}

describe('what goes wrong has one envelope', () => {
  const json = { 'content-type': 'application/json' };

  test.each([
    ['an unknown path', '/v2/nothing', {}, 404, 'NOT_FOUND'],
    ['an unknown instance', '/v2/instances/chta', {}, 404, 'INSTANCE_NOT_FOUND'],
    ['the logs of one', '/v2/instances/chta/logs', {}, 404, 'INSTANCE_NOT_FOUND'],
    ['the events of one', '/v2/instances/chta/events', {}, 404, 'INSTANCE_NOT_FOUND'],
    ['another method', '/v2/instances/chat/start', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['a body that is no JSON', '/v2/models', { method: 'POST', headers: json, body: '{"id":' }, 400, 'INVALID_REQUEST'],
    [
      'a body of another type',
      '/v2/models',
      { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'a body beyond the limit',
      '/v2/models',
      { method: 'POST', headers: { ...json, 'content-length': String(33 * 1024 * 1024) }, body: '{}' },
      413,
      'BODY_TOO_LARGE',
    ],
    [
      'a body with an unknown field',
      '/v2/instances/chat/stop',
      { method: 'POST', body: { farce: true } },
      400,
      'INVALID_REQUEST',
    ],
    ['a query with an unknown field', '/v2/facts?lst=3', {}, 400, 'INVALID_REQUEST'],
    ['a path that is no text', '/v2/instances/%zz', {}, 400, 'INVALID_REQUEST'],
    [
      'a range beyond the end',
      '/v2/instances/chat/logs?stream=stderr',
      { headers: { range: 'bytes=99999999-' } },
      416,
      'RANGE_NOT_SATISFIABLE',
    ],
    [
      'a name that is none',
      '/v2/instances/No',
      { method: 'PUT', body: { model: { id: 'demo' } } },
      400,
      'INVALID_REQUEST',
    ],
  ])('%s', async (_title, path, asked, status, code) => {
    expect(errorOf(await operator.ask(path, asked))).toEqual([status, code]);
  });

  test('another method is told which there are', async () => {
    const { headers } = await operator.ask('/v2/instances/chat', { method: 'PATCH' });

    expect(headers.allow).toBe('GET, PUT, DELETE');
  });

  test('every problem of a config is told at once, and nothing is written', async () => {
    const config = { model: { idd: 'demo' }, server: { port: 0 } };
    const answered = await operator.ask('/v2/instances/other', { method: 'PUT', body: config });

    expect(errorOf(answered)).toEqual([422, 'CONFIG_INVALID']);
    const { detail = {} } = errorBodySchema.parse(answered.body).error;
    const paths = (detail['problems'] as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['model.idd', 'server.port']));
    expect((await operator.ask('/v2/instances/other')).status).toBe(404);
  });
});

test('a reader gets neither keys nor the environment of an instance', async () => {
  const own = await operator.ask('/v2/instances/chat');
  const shown = await reader.ask('/v2/instances/chat');

  expect(own.text).toContain('sk-operator-only');
  expect(own.text).toContain('of the operator');
  expect(shown.status).toBe(200);
  expect(shown.text).not.toContain('sk-operator-only');
  expect(shown.text).not.toContain('of the operator');
});

test('an instance lives and dies over the API', async () => {
  const post = async (act: string, body: unknown = {}) =>
    operator.ask(`/v2/instances/brief/${act}`, { method: 'POST', body });
  const made = await operator.ask('/v2/instances/brief', {
    method: 'PUT',
    body: { model: { id: 'demo' }, server: { port: await freePort() } },
  });
  const again = await operator.ask('/v2/instances/brief', { method: 'PUT', body: { model: { id: 'demo' } } });

  expect([made.status, again.status]).toEqual([201, 200]);
  expect(await post('start')).toMatchObject({ status: 200, body: { status: 'ready', health: 'healthy' } });
  expect(await operator.ask('/v2/instances/brief/health')).toMatchObject({
    body: { health: 'healthy', status: 'ready' },
  });
  expect(await post('drain')).toMatchObject({ status: 200, body: { status: 'ready', draining: true } });
  expect(await post('restart')).toMatchObject({ status: 200, body: { status: 'ready', draining: false } });
  expect(await post('adopt')).toMatchObject({ status: 200, body: { status: 'ready', orphan: false } });
  expect(await post('stop', { force: true })).toMatchObject({ status: 200, body: { status: 'stopped', pid: null } });
  expect(await operator.ask('/v2/instances/brief', { method: 'DELETE' })).toMatchObject({
    status: 200,
    body: { removed: 'brief' },
  });
  expect((await operator.ask('/v2/instances/brief')).status).toBe(404);
});

describe('logs', () => {
  const logs = '/v2/instances/chat/logs?stream=stderr';

  test('come whole, by their last lines, and since a moment', async () => {
    const whole = await operator.ask(logs);
    const tail = await operator.ask(`${logs}&tail=1`);
    const since = await operator.ask(`${logs}&since=2100-01-01T00:00:00Z`);

    expect(whole.text).toContain('model loaded');
    expect(tail.text).toBe(`${whole.text.trimEnd().split('\n').at(-1)}\n`);
    expect(since.status).toBe(200);
    expect(whole.text.endsWith(since.text)).toBe(true);
  });

  test('come as a range of bytes', async () => {
    const whole = await operator.ask(logs);
    const part = await operator.ask(logs, { headers: { range: 'bytes=5-14' } });

    expect(part.status).toBe(206);
    expect(part.text).toBe(whole.text.slice(5, 15));
    expect(part.headers['content-range']).toMatch(/^bytes 5-14\/\d+$/);
  });

  test('come as events, a line each, and go on', async () => {
    const text = await operator.readUntil(`${logs}&tail=1`, (come) => come.includes('data: '), {
      accept: 'text/event-stream',
    });

    expect(text).toMatch(/^: connected\n\ndata: .+\n\n/);
  });
});

test('the events of an instance are its own alone, and a reader that comes back misses none', async () => {
  const isFull = (come: string): boolean => (come.match(/^id: /gm)?.length ?? 0) >= 3;
  const first = await reader.readUntil('/v2/instances/chat/events?after=0', isFull);
  const ids = [...first.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

  const resumed = await reader.readUntil('/v2/instances/chat/events', (come) => come.includes('id: '), {
    'last-event-id': String(ids[0]),
  });

  expect(new Set([...first.matchAll(/"subject":"([^"]+)"/g)].map(([, subject]) => subject))).toEqual(
    new Set(['instance:chat']),
  );
  expect(resumed).toContain(`id: ${ids[1]}\n`);
});

test('reads never write', async () => {
  const commands = readingCommands(commandsOf(), { instance: 'chat', batch: batchId, task });
  const streams = apiRoutes.filter(
    (route) => route.method === 'GET' && isStream(route) && !route.path.endsWith('/events'),
  );
  await until(async () => stateOf(house), steady());
  const before = await stateOf(house);

  for (const route of [...reading, ...streams]) await operator.ask(pathOf(route));
  await Promise.all(commands.map((command) => house.drover(...command)));

  expect(commands.length).toBeGreaterThan(15);
  expect(await stateOf(house)).toEqual(before);
});

/** True once two looks in a row have seen the same: the health of an instance that has just come up is told late. */
function steady(): (state: unknown) => boolean {
  let last = '';
  return (state) => {
    const now = JSON.stringify(state);
    const same = now === last;
    last = now;
    return same;
  };
}

/** All files but those that go on by themselves (the database, logs), and every fact. */
async function stateOf({ home }: House): Promise<unknown> {
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/^(?:logs|run)\b|^store\.db/.test(name) && statSync(join(home, name)).isFile())
    .map(
      (name) =>
        `${name} ${createHash('sha256')
          .update(readFileSync(join(home, name)))
          .digest('hex')}`,
    );
  return { files, facts: (await operator.ask('/v2/facts?limit=10000')).body };
}
