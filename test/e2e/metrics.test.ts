/** What Prometheus gets from a real daemon: numbers that are right, all that the dashboard asks for, and no more series than there are names. */

import { afterAll, beforeAll, expect, test } from 'vitest';

import { readExposition } from '../support/exposition.ts';
import type { Exposition } from '../support/exposition.ts';
import { expressionsOf, grafanaDashboard, namesIn } from '../support/grafana-dashboard.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  await house.drover('up', 'alpha');
});

afterAll(() => house[Symbol.asyncDispose]());

test('a streamed answer is counted, timed and measured in tokens', async () => {
  const before = await scraped();

  const answer = await ask({ model: 'alpha', stream: true });
  await answer.text();

  const after = await until(scraped, (seen) => answered(seen) > answered(before));
  const chat = { gen_ai_operation_name: 'chat', gen_ai_request_model: 'alpha' };
  expect(after.values('gen_ai_server_time_to_first_token_seconds_count', chat)[0]).toBeGreaterThan(0);
  expect(after.values('gen_ai_client_token_usage_sum', { ...chat, gen_ai_token_type: 'output' })[0]).toBeGreaterThan(0);
  expect(after.values('drover_instance_state', { instance: 'alpha', state: 'ready' })).toEqual([1]);
  expect(after.values('drover_model_loads_total', { outcome: 'loaded' })).toEqual([1]);
  expect(after.values('drover_device_memory_reserved_bytes', { device: 'cpu' })[0]).toBeGreaterThan(0);
});

test('a scrape has every metric that the dashboard asks for', async () => {
  const { declared } = await scraped();

  const asked = new Set(expressionsOf(grafanaDashboard()).flatMap((expression) => namesIn(expression).metrics));

  expect(asked.size).toBeGreaterThan(20);
  expect([...asked].filter((metric) => !declared.has(metric))).toEqual([]);
});

test('names and keys that callers make up make no series', async () => {
  const hostile = (n: number): Promise<Response> =>
    ask({ model: `m${n}"}\n# {`, headers: { authorization: `Bearer key-${n}`, 'x-request-id': `id-${n}` } });
  await (await hostile(0)).text();
  const few = ours(await until(scraped, (seen) => unknown(seen) === 1));

  for (let n = 1; n <= 100; n++) await (await hostile(n)).text();

  const seen = await until(scraped, (after) => unknown(after) === 101);
  // A few come with time, such as those of a first probe; a name of theirs would be a hundred.
  expect(ours(seen)).toBeLessThan(few + 50);
});

function ask({ headers = {}, ...body }: { model: string; stream?: boolean; headers?: Record<string, string> }) {
  const messages = [{ role: 'user', content: 'Tell me about the herd.' }];
  return fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...body, max_tokens: 8, messages }),
  });
}

async function scraped(): Promise<Exposition> {
  const answer = await fetch(`${house.url}/metrics`);
  expect([answer.status, answer.headers.get('content-type')?.split(';', 1)]).toEqual([200, ['text/plain']]);
  return readExposition(await answer.text());
}

function answered(seen: Exposition): number {
  return seen.values('drover_requests_total', { model: 'alpha', reason: 'ok' })[0] ?? 0;
}

/** Series that are not about the process. */
function ours(seen: Exposition): number {
  return seen.samples.filter(({ name }) => /^(?:drover|gen_ai)_/.test(name)).length;
}

function unknown(seen: Exposition): number {
  return seen.values('drover_requests_total', { model: 'other', reason: 'MODEL_NOT_FOUND' })[0] ?? 0;
}
