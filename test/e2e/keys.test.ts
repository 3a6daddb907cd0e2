/** Keys on a real daemon with a real engine: who comes in, what he may, how much, and what is left of it in files. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { CreatedKeyView, KeyView, RequestDetailView, RequestView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { restOf } from '../support/rest.ts';
import type { Rest } from '../support/rest.ts';

let house: House;
let door: Rest;
const made: string[] = [];

beforeAll(async () => {
  house = await openHouse();
  door = restOf(house, 'tcp');
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  house.editConfig('alpha', (config) => ({ ...config, model: { id: 'demo', context_size: 32_768 } }));
  await house.drover('up', 'alpha');
});

afterAll(() => house[Symbol.asyncDispose]());

async function newKey(...flags: string[]): Promise<CreatedKeyView> {
  const key = await house.json<CreatedKeyView>('key', 'create', ...flags);
  made.push(key.key);
  return key;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

function chat(key: string, more: object = {}, headers: Readonly<Record<string, string>> = {}) {
  const body = { model: 'alpha', messages: [{ role: 'user', content: 'hello' }], max_tokens: 2, ...more };
  return door.ask('/v1/chat/completions', { method: 'POST', headers: { ...bearer(key), ...headers }, body });
}

/** An answer that goes on until somebody ends it: longer than the slowest look takes, at any speed. */
const endless = { stream: true, max_tokens: 32_000, ignore_eos: true };

test('without keys this machine is let in; with the first one a key is needed, and the socket stays open', async () => {
  const before = await door.ask('/v2/instances');
  const { key } = await newKey('--name', 'first');

  expect(before.status).toBe(200);
  expect((await door.ask('/v2/instances')).status).toBe(401);
  expect((await door.ask('/health')).status).toBe(200);
  expect((await chat(key)).status).toBe(200);
  expect((await chat('sk-something-else')).status).toBe(401);
  expect((await chat('drover-slot-made-up')).status).toBe(401);
  expect((await door.ask('/v2/requests', { headers: bearer('drover-slot-made-up') })).status).toBe(401);
  expect((await door.ask(`/v1/models?api_key=${key}`)).status).toBe(401);
  expect((await house.drover('ps')).code).toBe(0);
});

test('the clients of OpenAI and Anthropic send their keys their own way, and hear refusals in their own words', async () => {
  const { key } = await newKey();
  const openai = (apiKey: string) => new OpenAI({ baseURL: `${house.url}/v1`, apiKey, maxRetries: 0 });
  const anthropic = (apiKey: string) => new Anthropic({ baseURL: house.url, apiKey, maxRetries: 0 });
  const message = { model: 'alpha', max_tokens: 2, messages: [{ role: 'user' as const, content: 'hello' }] };

  expect((await openai(key).models.list()).data.length).toBeGreaterThan(0);
  expect((await anthropic(key).messages.create(message)).role).toBe('assistant');
  await expect(openai('drv_no').models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  await expect(anthropic('drv_no').messages.create(message)).rejects.toMatchObject({
    status: 401,
    error: { type: 'error', error: { type: 'authentication_error' } },
  });
  expect((await door.ask('/v1/models', { headers: { 'api-key': key } })).status).toBe(200);
});

test('scopes and models hold: each key does its own and no more', async () => {
  const infer = await newKey('--models', 'demo');
  const read = await newKey('--scope', 'read');
  const manage = await newKey('--scope', 'manage');
  const statuses = async (key: string): Promise<number[]> => [
    (await chat(key, { model: 'demo' })).status,
    (await door.ask('/v2/instances', { headers: bearer(key) })).status,
    (await door.ask('/v2/keys', { headers: bearer(key) })).status,
  ];

  expect(await statuses(infer.key)).toEqual([200, 403, 403]);
  expect(await statuses(read.key)).toEqual([403, 200, 403]);
  expect(await statuses(manage.key)).toEqual([200, 200, 200]);
  expect((await chat(infer.key, { model: 'alpha' })).status).toBe(403);
  const seen = (await door.ask('/v1/models', { headers: bearer(infer.key) })).body as { data: { id: string }[] };
  expect(seen.data.map(({ id }) => id)).toEqual(['demo']);
});

describe('limits', () => {
  test('of requests in a minute are told with the time to come back, in the shape of the protocol', async () => {
    const { key } = await newKey('--rpm', '2');

    expect([(await chat(key)).status, (await chat(key)).status]).toEqual([200, 200]);
    const third = await chat(key);

    expect(third.status).toBe(429);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    expect(third.body).toMatchObject({ error: { type: 'rate_limit_exceeded', code: 'rate_limited' } });
    const messages = await door.ask('/v1/messages', {
      method: 'POST',
      headers: { 'x-api-key': key },
      body: { model: 'alpha', max_tokens: 2, messages: [{ role: 'user', content: 'hello' }] },
    });
    expect(messages.body).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  });

  test('of requests at once and of tokens hold, and an end makes room', async () => {
    const one = await newKey('--concurrency', '1');
    const few = await newKey('--tpm', '20');
    const stop = new AbortController();
    const running = fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      signal: stop.signal,
      headers: bearer(one.key),
      body: JSON.stringify({ model: 'alpha', messages: [{ role: 'user', content: 'hello' }], ...endless }),
    });
    await until(
      () => requestsOf(one),
      ([first]) => first?.state === 'streaming',
    );

    expect((await chat(one.key)).status).toBe(429);
    stop.abort();
    await running.catch(() => {});
    await until(
      () => requestsOf(one),
      (found) => found.every(({ ended_at: at }) => at !== null),
    );
    expect((await chat(one.key)).status).toBe(200);

    expect([(await chat(few.key)).status, (await chat(few.key)).status]).toEqual([200, 429]);
  });
});

async function requestsOf(key: { readonly id: string }): Promise<readonly RequestView[]> {
  const all = await house.json<RequestView[]>('requests', 'ls');
  return all.filter(({ owner }) => owner === `key:${key.id}`);
}

test('a key sees and ends its own requests alone; one of scope manage sees all', async () => {
  const mine = await newKey();
  const theirs = await newKey();
  const boss = await newKey('--scope', 'manage');
  const running = chat(mine.key, endless, { 'x-request-id': 'endless-1' });
  await until(
    () => requestsOf(mine),
    ([first]) => first?.state === 'streaming',
  );
  const seenBy = async (key: string): Promise<number> =>
    (await door.ask('/v2/requests/endless-1', { headers: bearer(key) })).status;
  const cancel = (key: string) => door.ask('/v2/requests/endless-1/cancel', { method: 'POST', headers: bearer(key) });

  expect([await seenBy(mine.key), await seenBy(theirs.key), await seenBy(boss.key)]).toEqual([200, 404, 200]);
  expect((await cancel(theirs.key)).status).toBe(404);
  expect((await cancel(mine.key)).status).toBe(200);

  expect((await running).text).toContain('cancelled');
  const shown = await house.json<RequestDetailView>('requests', 'show', 'endless-1');
  expect(shown).toMatchObject({ state: 'cancelled', instance: 'alpha', status: 200, request_body: null });
});

test('a revoked key is void at once, and what runs for it ends; a rotated one has a new text', async () => {
  const gone = await newKey();
  const turned = await newKey();
  const running = chat(gone.key, endless);
  await until(
    () => requestsOf(gone),
    ([first]) => first?.state === 'streaming',
  );

  await house.json<KeyView>('key', 'revoke', gone.id);
  const rotated = await house.json<CreatedKeyView>('key', 'rotate', turned.id);
  made.push(rotated.key);

  expect((await running).text).toContain('revoked');
  expect((await chat(gone.key)).status).toBe(401);
  expect((await chat(turned.key)).status).toBe(401);
  expect((await chat(rotated.key)).status).toBe(200);
  expect((await house.drover('key', 'revoke', 'nobody')).code).toBe(3);
});

test('a key may be named by its name, unless several have it', async () => {
  await house.json<CreatedKeyView>('key', 'create', '--name', 'desk');
  const twins = [await newKey('--name', 'twin'), await newKey('--name', 'twin')];

  expect(await house.json<KeyView>('key', 'revoke', 'desk')).toMatchObject({ name: 'desk', state: 'revoked' });
  const refused = await house.drover('key', 'revoke', 'twin');

  expect(refused.code).toBe(2);
  for (const { id } of twins) expect(refused.stderr).toContain(id);
});

test('bodies are kept where that is switched on, without what is secret', async () => {
  const { key } = await newKey();
  await house.drover('config', 'set', 'request_bodies', 'true');
  await house.drover('daemon', 'reload');
  const secret = `my key is sk-${'x'.repeat(30)}`;
  await chat(key, { messages: [{ role: 'user', content: secret }] }, { 'x-request-id': 'kept-1' });

  const { request_body: asked, response_body: answered } = await house.json<RequestDetailView>(
    'requests',
    'show',
    'kept-1',
  );

  expect(asked?.text).toContain('my key is [redacted]');
  expect(answered?.text).toContain('"choices"');
});

test('who has changed what is told with his name', async () => {
  const boss = await newKey('--scope', 'manage', '--name', 'boss');
  await door.ask('/v2/instances/nothing/stop', { method: 'POST', headers: bearer(boss.key), body: {} });

  const audit = await house.json<{ actor: string; path: string; status: number; code: string | null }[]>('audit');

  expect(audit).toContainEqual(expect.objectContaining({ actor: 'operator', path: '/v2/keys', status: 201 }));
  expect(audit.at(-1)).toMatchObject({
    actor: `key:${boss.id}`,
    path: '/v2/instances/nothing/stop',
    status: 404,
    code: 'INSTANCE_NOT_FOUND',
  });
});

test('a key outlives a restart, its last use too, and no file or log of the home holds one', async () => {
  const key = made[0] ?? '';
  await house.drover('daemon', 'restart');

  const listed = await house.json<KeyView[]>('key', 'ls');
  expect((await chat(key)).status).toBe(200);
  expect(listed[0]?.last_used_at).not.toBeNull();
  const secrets = made.map((text) => text.slice(text.lastIndexOf('_') + 1));
  expect(filesOf(house.home).filter((file) => secrets.some((one) => readFileSync(file).includes(one)))).toEqual([]);
});

test('nobody else on the machine reads the home', () => {
  const mode = (path: string): number => statSync(path).mode & 0o077;

  expect(mode(house.home)).toBe(0);
  expect(filesOf(house.home).filter((file) => /store\.db|\.lock$|\.log$/.test(file) && mode(file) > 0)).toEqual([]);
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
