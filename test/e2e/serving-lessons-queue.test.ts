/** Acceptance tests of the queue, with the real engine behind the real front door: fairness, contexts, plans beside people. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchDetailView, QueueView, RequestView, SubmitView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

/** More tokens than the engine says while a test looks. */
const ENDLESS = { max_tokens: 30_000, ignore_eos: true };

/** One instance of the demo model with one slot. */
async function upDemo(house: House, contextSize = 32_768): Promise<void> {
  await house.drover('models', 'demo');
  await house.drover('init', 'one', '--profile', 'cpu', '-m', 'demo');
  house.editConfig('one', (config) => ({
    ...config,
    model: { id: 'demo', context_size: contextSize },
    server: { parallel: 1 },
  }));
  expect(await house.drover('up', 'one')).toMatchObject({ code: 0 });
}

function ask(house: House, id: string, content: string, more: object = {}, headers: Record<string, string> = {}) {
  return fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': id, ...headers },
    body: JSON.stringify({ model: 'one', messages: [{ role: 'user', content }], max_tokens: 8, ...more }),
  });
}

async function queue(house: House): Promise<QueueView> {
  return (await (await fetch(`${house.url}/v2/queue`)).json()) as QueueView; // the API checks it
}

async function untilQueued(house: House, count: number): Promise<void> {
  await until(
    () => queue(house),
    ({ queued }) => queued === count,
  );
}

function unseen(): never {
  throw new Error('the request was not seen');
}

/** Requests in the order in which they ended. */
async function endedOrder(house: House): Promise<readonly string[]> {
  const requests = await house.json<RequestView[]>('requests', 'ls', '--last', '1000');
  const ended = requests.filter(({ ended_at: at }) => at !== null);
  return ended.toSorted((a, b) => (a.ended_at ?? '').localeCompare(b.ended_at ?? '')).map(({ id }) => id);
}

test('two keys, one with 200 queued, the other sends 1: it is served within one service time', async () => {
  await using house = await openHouse();
  await upDemo(house);
  await house.drover('config', 'set', 'queue_per_model', '500');
  const heavy = { authorization: 'Bearer heavy' };
  // Whatever the speed of the engine: nobody is served before all have come.
  const holding = await ask(house, 'holding', 'go on', { ...ENDLESS, stream: true }, heavy);
  const queued = Array.from({ length: 200 }, (_, at) => ask(house, `heavy-${at}`, 'go on', {}, heavy));
  await untilQueued(house, 200);
  const light = ask(house, 'light', 'and me?', {}, { authorization: 'Bearer light' });
  await untilQueued(house, 201);

  await holding.body?.cancel();
  const answers = await Promise.all(queued);

  expect([(await light).status, ...new Set(answers.map(({ status }) => status))]).toEqual([200, 200]);
  const all = await house.json<RequestView[]>('requests', 'ls', '--last', '1000');
  const begins = ({ arrived_at: at, queue_ms: queueMs }: RequestView): number => Date.parse(at) + queueMs;
  const { arrived_at: arrived, ...rest } = all.find(({ id }) => id === 'light') ?? unseen();
  const between = all.filter(
    (each) => begins(each) > Date.parse(arrived) && begins(each) < Date.parse(arrived) + rest.queue_ms,
  );
  expect(between.length).toBeLessThanOrEqual(1);
});

test('prompt longer than ctx: 400 before a slot is taken, in the shape of each protocol', async () => {
  await using house = await openHouse();
  await upDemo(house, 512);
  const long = 'once upon a time '.repeat(400);
  const post = (path: string, body: object) =>
    fetch(`${house.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'one', ...body }),
    });
  const messages = [{ role: 'user', content: long }];

  const chat = await post('/v1/chat/completions', { messages });
  const anthropic = await post('/v1/messages', { messages, max_tokens: 8 });
  const native = await post('/completion', { prompt: long });
  const short = await post('/v1/chat/completions', { messages: [{ role: 'user', content: 'hi' }], ignore_eos: true });

  expect([chat.status, anthropic.status, native.status, short.status]).toEqual([400, 400, 400, 200]);
  expect(await chat.json()).toMatchObject({ error: { code: 'context_length_exceeded' } });
  expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  expect(await native.json()).toMatchObject({ error: { type: 'exceed_context_size_error', n_ctx: 512 } });
  expect(await short.json()).toMatchObject({ choices: [{ finish_reason: 'length' }] });
  const refused = await house.json<RequestView[]>('requests', 'ls', '--state', 'failed');
  expect(refused.map(({ code, instance, attempts }) => [code, instance, attempts])).toEqual(
    Array.from({ length: 3 }, () => ['CONTEXT_LENGTH_EXCEEDED', null, 0]),
  );
});

test('a person who asks while a plan of generate tasks has every slot is served before the rest of the plan', async () => {
  await using house = await openHouse();
  await upDemo(house);
  const folder = join(house.home, '..', 'plan');
  mkdirSync(folder, { recursive: true });
  const task = (_: unknown, at: number): string[] => [
    `### t${at}`,
    '- **type**: generate',
    '- **model**: one',
    '- **max_tokens**: 200',
    '- **depends_on**: none',
    `- **produces**: t${at}.txt`,
    '',
    '~~~prompt',
    'Tell a story.',
    '~~~',
    '',
  ];
  // so many that some still run and wait when they are looked at
  const tasks = Array.from({ length: 100 }, task).flat();
  writeFileSync(join(folder, 'plan.md'), ['# Plan: Stories', '', '## Tasks', '', ...tasks].join('\n'));
  const batch = await house.json<SubmitView>('submit', folder);
  await until(
    () => queue(house),
    ({ in_flight: running }) => running > 0,
  );

  const person = await ask(house, 'person', 'hello');
  const order = await until(
    () => endedOrder(house),
    (ids) => ids.includes('person'),
  );
  const show = () => house.json<BatchDetailView>('batch', 'show', batch.batch_id);
  const ended = await until(show, ({ ended_at: at }) => at !== null);

  expect(person.status).toBe(200);
  expect(order.indexOf('person')).toBeLessThan(99);
  expect(ended).toMatchObject({ status: 'succeeded', counts: { failed: 0 } });
});
