/** Every route, with what no client would send: nothing crashes, nothing is INTERNAL, no key is left in a log. */

import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { apiRoutes } from '../../src/api/routes/index.ts';
import { isErrorCode } from '../../src/contract/index.ts';
import type { CreatedKeyView } from '../../src/contract/index.ts';
import { openHouse } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { AT_ONCE_MS } from '../support/patience.ts';
import { restOf } from '../support/rest.ts';

let house: House;
let key: string;
let pid: number;

beforeAll(async () => {
  house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  await house.drover('up', 'alpha');
  await house.drover('config', 'set', 'log_level', 'debug');
  await house.drover('daemon', 'reload');
  key = (await house.json<CreatedKeyView>('key', 'create', '--scope', 'manage')).key;
  pid = house.pidOf('controller');
});

afterAll(() => house[Symbol.asyncDispose]());

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
  readonly type?: string;
}

const NAMES = ['nothing', '%00', '..%2f..%2fetc', 'x'.repeat(400), '%F0%9F%A6%99', '__proto__', '%zz', "'%20or%201=1"];
const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Bodies for whatever reads JSON. */
const BODIES: readonly Buffer[] = [
  '{"id":',
  'null',
  '[]',
  '"text"',
  '5',
  '{"__proto__":{"scopes":["manage"]},"constructor":{"prototype":{}}}',
  `{"name":${deep(20_000)}}`,
  `{"model":"alpha","max_tokens":1,"messages":${deep(20_000)},"prompt":${deep(20_000)},"tools":${deep(9_000)}}`,
  `{"model":"alpha","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":${deep(3_000)}}`,
  `{"name":"${'x'.repeat(1_000_000)}","id":"${'y'.repeat(200_000)}"}`,
  '{"name":5,"id":{},"path":[],"model":true,"scopes":"manage","reason":null,"for_ms":-1,"limit":1e309}',
  '{"name":"a\\u0000b","path":"/dev/zero","model":"\\ud800"}',
].map((text) => Buffer.from(text));
const NO_TEXT = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0xc0, 0x80, 0x22, 0x7d]);

/** An empty body ends the daemon, and that is as it should be. */
const LEFT_OUT = new Set(['/v2/daemon/stop']);

function managementShots(): Shot[] {
  return apiRoutes
    .filter(({ path }) => !LEFT_OUT.has(path))
    .flatMap(({ method, path }) => {
      const named = (name: string): string => path.replaceAll(/:\w+/g, name);
      const hollow = { method, body: Buffer.alloc(0) };
      const names = path.includes(':') ? NAMES.map((name) => ({ ...hollow, path: named(name) })) : [];
      const asked = {
        ...hollow,
        path: `${named('nothing')}?limit=-1&after=x&last=1e99&tail=%00&${'q'.repeat(2_000)}=1`,
      };
      if (method === 'GET') return [...names, asked];
      const bodies = [...BODIES, NO_TEXT].map((body) => ({ method, path: named('nothing'), body }));
      return [...names, asked, ...bodies, { method, path: named('nothing'), body: NO_TEXT, type: 'text/xml' }];
    });
}

const ASKED = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/responses',
  '/v1/rerank',
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/audio/transcriptions',
  '/v1/images/generations',
  '/v1/nothing',
  '/api/chat',
  '/api/generate',
  '/api/embed',
  '/api/embeddings',
  '/api/show',
  '/api/pull',
  '/api/nothing',
  '/completion',
  '/infill',
  '/tokenize',
  '/detokenize',
  '/apply-template',
  '/rerank',
];
const READ = ['/', '/api/tags', '/api/ps', '/api/version', '/props', '/slots', '/v1/models', '/v1/models/%zz', '/docs'];

/** Bodies that begin well. */
const MEANT: readonly object[] = [
  { model: 'alpha', messages: 5 },
  { model: 'alpha', messages: [] },
  { model: 'alpha', messages: [null] },
  { model: 'alpha', messages: [{ role: 'user', content: { deep: [[[]]] } }], max_tokens: 1 },
  { model: 'alpha', messages: [{ role: 'king', content: 'x' }], max_tokens: -5 },
  { model: 'alpha', messages: [{ role: 'user', content: 'x' }], max_tokens: 1e300, temperature: 'hot', top_p: {} },
  { model: 'alpha', messages: [{ role: 'user', content: 'x' }], max_tokens: 1, tools: [null, 5], tool_choice: [] },
  { model: 'alpha', messages: [{ role: 'user', content: 'x' }], max_tokens: 1, stream: 'yes', stop: [[], {}] },
  {
    model: 'alpha',
    messages: [{ role: 'user', content: 'x' }],
    max_tokens: 1,
    response_format: { type: 'json_schema' },
  },
  { model: 'alpha', prompt: { a: 1 }, input: [[], {}], content: 5, tokens: ['x', -1, 1e9], n_predict: 'x' },
  { model: 'alpha', prompt: 'x', input: 7, n_predict: 1, max_tokens: 1, num_predict: 1, options: 'x', system: 5 },
  {
    model: 'alpha',
    input: 'x'.repeat(300_000),
    prompt: 'x'.repeat(300_000),
    content: 'x'.repeat(300_000),
    max_tokens: 1,
  },
  { model: ['alpha'], messages: [{ role: 'user', content: 'x' }] },
  { model: 'x'.repeat(100_000) },
  {},
];

function inferenceShots(): Shot[] {
  const meant = MEANT.map((body) => Buffer.from(JSON.stringify(body)));
  const asked = ASKED.flatMap((path) => [...meant, ...BODIES, NO_TEXT].map((body) => ({ method: 'POST', path, body })));
  const odd = [...ASKED, ...READ].flatMap((path) => [
    { method: 'DELETE', path, body: NO_TEXT },
    { method: 'GET', path: `${path}?model=%zz&model=alpha&api_key=${key}`, body: Buffer.alloc(0) },
    { method: 'POST', path, body: NO_TEXT, type: 'multipart/form-data; boundary=' },
  ]);
  return [...asked, ...odd];
}

interface Heard {
  readonly shot: Shot;
  readonly status: number;
  readonly text: string;
}

/** Streams are left after a moment; what has come by then is enough. */
function fire(shot: Shot, tries = 3): Promise<Heard> {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(shot.body.length === 0 ? {} : { 'content-type': shot.type ?? 'application/json' }),
    'content-length': String(shot.body.length),
  };
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: house.port, path: shot.path, method: shot.method, headers });
    // A connection that was kept may be closed at the moment it is used again, and a body be refused before it is read.
    sent.on('error', (error) => (tries > 1 ? resolve(fire(shot, tries - 1)) : reject(error)));
    sent.on('response', (response) => {
      let text = '';
      const done = (): void => resolve({ shot, status: response.statusCode ?? 0, text });
      const isEndless = response.headers['content-type']?.startsWith('text/event-stream') === true;
      response.setEncoding('utf8').on('data', (piece: string) => (text = (text + piece).slice(0, 2_000)));
      response.on('close', done);
      if (isEndless && shot.method === 'GET') response.destroy();
    });
    sent.end(shot.body);
  });
}

async function fireAll(shots: readonly Shot[]): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  const left = shots.values();
  const gun = async (): Promise<void> => {
    for (const shot of left) heard.push(await fire(shot));
  };
  await Promise.all(Array.from({ length: 8 }, gun));
  return heard;
}

/** What should not have been answered: an error without a code of the catalogue, or the one for bugs. */
function faults(heard: readonly Heard[]): string[] {
  return heard
    .filter(({ status, text }) => status === 0 || status === 500 || (status > 500 && codeIn(text) === null))
    .map(
      ({ shot, status, text }) =>
        `${shot.method} ${shot.path.slice(0, 80)} ${shot.body.toString('latin1', 0, 80)} → ${status} ${text.slice(0, 200)}`,
    );
}

function codeIn(text: string): string | null {
  const [, code = ''] = /"(?:code|type)" ?: ?"(\w+)"/.exec(text) ?? [];
  return isErrorCode(code.toUpperCase()) || code.endsWith('_error') ? code : null;
}

test('no route of the API answers INTERNAL, whatever it is sent', async () => {
  const heard = await fireAll(managementShots());

  expect(heard.length).toBeGreaterThan(500);
  expect(faults(heard)).toEqual([]);
  expect(heard.filter(({ status }) => status === 401)).toEqual([]);
});

test('no protocol of the front door does', async () => {
  const heard = await fireAll(inferenceShots());

  expect(heard.length).toBeGreaterThan(500);
  expect(faults(heard)).toEqual([]);
});

const HEAD = 'POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n';
const GARBAGE: readonly (readonly [string, string])[] = [
  ['bytes', '\u0000\u0001\u0002\u00ff\r\n\r\n'],
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  [
    'a request and bytes behind it',
    'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n\u0016\u0003\u0001\u0002\u0000\r\n\r\n',
  ],
  ['two lengths', `${HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
  [
    'a length and chunks',
    `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n`,
  ],
  ['a chunk of no length', `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n`],
  ['a negative length', `${HEAD}content-length: -1\r\n\r\n`],
  ['a head without end', `${HEAD}${'x-a: b\r\n'.repeat(20_000)}`],
  ['no host', 'GET /health HTTP/1.1\r\n\r\n'],
  ['a folded header', `${HEAD}x: a\r\n b\r\n\r\n`],
];

test.each(GARBAGE)('%s on the wire is answered with 4xx, or not at all', async (_title, sent) => {
  const heard = await exchange(sent);

  expect(heard.replace(/^HTTP\/1\.1 200[^]*?\r\n\r\n\{"status":"ok"\}/, '')).toMatch(/^$|^HTTP\/1\.1 4\d\d /);
});

/** What comes before the other side closes. */
function exchange(sent: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(house.port, '127.0.0.1', () => socket.end(Buffer.from(sent, 'latin1')));
    socket.on('data', (data) => (heard += data.toString('latin1')));
    socket.on('error', () => {}); // a reset is an answer
    socket.on('close', () => resolve(heard));
  });
}

test('two hundred callers that never finish keep nobody else waiting', async () => {
  const slow = Array.from({ length: 200 }, () => connect(house.port, '127.0.0.1'));
  for (const socket of slow) {
    socket.on('error', () => {});
    socket.write(`${HEAD}content-length: 100\r\nx-slow: `);
  }
  const door = restOf(house, 'tcp');

  const from = performance.now();
  const answered = await door.ask('/v1/models', { headers: { authorization: `Bearer ${key}` } });

  expect(answered.status).toBe(200);
  expect(performance.now() - from).toBeLessThan(AT_ONCE_MS);
  for (const socket of slow) socket.destroy();
});

test('the controller has lived through all of it, and no log has the key', async () => {
  const secret = key.slice(key.lastIndexOf('_') + 1);
  const logs = readdirSync(join(house.home, 'logs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.log'),
  );

  expect(house.pidOf('controller')).toBe(pid);
  expect((await restOf(house, 'tcp').ask('/health')).status).toBe(200);
  expect(logs.length).toBeGreaterThan(1);
  expect(logs.filter((name) => readFileSync(join(house.home, 'logs', name), 'utf8').includes(secret))).toEqual([]);
});
