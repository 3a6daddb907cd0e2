/** What a person sees of the queue, and does about it: `drover queue`, `why` and `requests`, over a real engine with one slot. */

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { QueueView, RequestView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  house.editConfig('alpha', (config) => ({ ...config, server: { parallel: 1 } }));
  await house.drover('up', 'alpha');
});

afterAll(() => house[Symbol.asyncDispose]());

function ask(id: string, more: object = {}): Promise<Response> {
  return fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': id },
    body: JSON.stringify({ model: 'alpha', messages: [{ role: 'user', content: 'go on' }], max_tokens: 4, ...more }),
  });
}

const queued = (ids: readonly string[]): Promise<QueueView> =>
  until(
    () => house.json<QueueView>('queue', 'ls'),
    ({ waiting }) => waiting.map(({ id }) => id).join() === ids.join(),
  );

test('who waits is listed and explained, and a cancel ends the one that is meant alone', async () => {
  expect(await house.drover('queue', 'ls')).toMatchObject({ stdout: 'the queue is empty and nothing is in flight\n' });
  await (await ask('earlier')).text();
  const hog = await ask('hog', { stream: true, max_tokens: 30_000, ignore_eos: true });
  const first = ask('first');
  await queued(['first']);
  const second = ask('second');
  const view = await queued(['first', 'second']);

  expect(view).toMatchObject({ queued: 2, in_flight: 1, waiting: [{ position: 1 }, { position: 2 }] });
  expect((await house.drover('queue', 'ls')).stdout).toMatch(/WAITING +MODEL .*\nfirst +alpha +interactive +1 /);
  const watching = house.start('queue', 'ls', '--watch', '--json');
  expect(JSON.parse(await firstLine(watching))).toMatchObject({ queued: 2 });
  watching.kill('SIGINT');
  expect(await new Promise((done) => watching.once('close', done))).toBe(130);
  expect((await house.drover('why', 'second')).stdout).toMatch(
    /^second is queued: waits for a slot of "alpha" since .+, 1 before it; begins in about .+ \(alpha: no free slot\)\n$/,
  );
  expect((await house.drover('why', 'hog')).stdout).toMatch(/^hog is streaming: alpha answers it; /);
  expect((await house.drover('why', 'alpha')).stdout).toBe('alpha is ready: it serves, 1 of 1 slots are taken\n');

  expect((await house.drover('queue', 'cancel', 'second')).stdout).toMatch(/second: cancelled\n$/);
  expect((await second).status).toBe(499);
  expect((await house.drover('queue', 'cancel', 'nobody')).code).toBe(3);
  expect((await house.drover('why', 'nobody')).code).toBe(3);
  expect(await house.json<RequestView>('requests', 'cancel', 'hog')).toMatchObject({ state: 'cancelled' });
  expect(await hog.text()).toContain('"code":"aborted"');
  expect((await first).status).toBe(200);
  await first.then((answer) => answer.text());
  expect((await house.drover('why', 'first')).stdout).toMatch(
    /^first is done: alpha answered it in .+ in the queue\n$/,
  );
  expect((await house.drover('why', 'second')).stdout).toMatch(/^second is cancelled: ABORTED after .+ HTTP 499\n$/);
});

function firstLine(child: ReturnType<House['start']>): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}
