/**
 * Clients of a real llama-server that leave while it answers somebody else: it would not look after them by itself, so
 * every completion is asked of it as a stream. What was wanted whole has the shape in which the engine itself tells it.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { InstanceView } from '../../../src/contract/index.ts';
import { openHouse, until } from '../../support/house.ts';
import type { House } from '../../support/house.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';
import { AT_ONCE_MS } from '../../support/patience.ts';

const llamaServer = builtLlamaServer();
const KEY = 'of-the-engine';

describe.skipIf(llamaServer === null)('a llama-server that answers somebody', () => {
  let house: House;
  let engineUrl = '';
  const beside = new AbortController();

  beforeAll(async () => {
    house = await openHouse();
    await house.drover('models', 'demo');
    await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
    house.editConfig('alpha', (config) => ({
      ...config,
      engine: { kind: 'llama-server', path: llamaServer },
      model: { id: 'demo', context_size: 32_768, batch_size: 128 },
      server: { parallel: 3, key: KEY },
    }));
    await house.drover('up', 'alpha');
    const [alpha] = (await (await fetch(`${house.url}/v2/instances`)).json()) as readonly InstanceView[];
    engineUrl = `http://127.0.0.1:${alpha?.port}`;
    const endless = { prompt: 'The herd', ignore_eos: true, max_tokens: 30_000, stream: true };
    await ask(house.url, '/v1/completions', endless, beside.signal);
  });

  afterAll(async () => {
    beside.abort();
    await house?.[Symbol.asyncDispose]();
  });

  const long = 'llama walks '.repeat(2_400);
  const messages = [{ role: 'user', content: long }];
  const LEAVERS = [
    ['a chat wanted whole', '/v1/chat/completions', { messages }],
    ['a text wanted whole', '/v1/completions', { prompt: long }],
    ['a completion of its own, wanted whole', '/completion', { prompt: long }],
    ['a completion of its own', '/completion', { prompt: long, stream: true }],
    ['a message', '/v1/messages', { messages, max_tokens: 900, stream: true }],
    ['a message wanted whole', '/v1/messages', { messages, max_tokens: 900 }],
    ['a response wanted whole', '/v1/responses', { input: long }],
    ['a chat of Ollama wanted whole', '/api/chat', { messages, stream: false }],
  ] as const;

  test.each(LEAVERS)('is done at once with a prompt whose client leaves: %s', async (_, path, body) => {
    const client = new AbortController();
    const left = ask(house.url, path, body, client.signal).catch(() => 'left');
    await until(busySlots, (busy) => busy === 2);

    client.abort();
    const from = performance.now();
    await until(busySlots, (busy) => busy === 1);

    expect(performance.now() - from).toBeLessThan(AT_ONCE_MS);
    expect(await left).toBe('left');
  });

  const hello = [{ role: 'user', content: 'hello' }];
  const quiet = { temperature: 0, seed: 1, cache_prompt: false, max_tokens: 40, ignore_eos: true };
  const tool = { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } };
  const WHOLE = [
    ['a chat', '/v1/chat/completions', { messages: hello }],
    ['two chats', '/v1/chat/completions', { messages: hello, n: 2 }],
    ['a chat with odds', '/v1/chat/completions', { messages: hello, logprobs: true, top_logprobs: 2 }],
    ['a chat with tools', '/v1/chat/completions', { messages: hello, tools: [tool] }],
    [
      'a chat that says nothing',
      '/v1/chat/completions',
      { messages: hello, grammar: 'root ::= ""', ignore_eos: false },
    ],
    ['a text', '/v1/completions', { prompt: 'The drover' }],
    ['two texts with odds', '/v1/completions', { prompt: 'The drover', n: 2, logprobs: 2 }],
    ['a completion of its own', '/completion', { prompt: 'The drover', n_predict: 40 }],
    [
      'one with all that can be told',
      '/completion',
      { prompt: 'The drover', n_predict: 40, n_probs: 1, return_tokens: true },
    ],
    [
      'one that meets a stop word',
      '/completion',
      { prompt: 'The drover', n_predict: 200, stop: ['the'], ignore_eos: false },
    ],
    ['a refused grammar', '/v1/chat/completions', { messages: hello, grammar: 'root ::= nothing' }],
  ] as const;

  test.each(WHOLE)('answers whole in its own shape: %s', async (_, path, wish) => {
    const body = { ...quiet, ...wish, model: 'alpha' };
    const own = await (await ask(engineUrl, path, body)).text();

    const told = await (await ask(house.url, path, body)).text();

    expect(shapeOf(told)).toBe(shapeOf(own));
  });

  async function ask(url: string, path: string, body: object, signal?: AbortSignal): Promise<Response> {
    return fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(url === engineUrl ? { authorization: `Bearer ${KEY}` } : {}) },
      body: JSON.stringify({ model: 'alpha', ...body }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function busySlots(): Promise<number> {
    const slots = (await (await fetch(`${house.url}/slots?model=alpha`)).json()) as { is_processing: boolean }[];
    return slots.filter((slot) => slot.is_processing).length;
  }
});

/** The answer without what is new each time: ids, times, slots. The order of its fields counts. */
function shapeOf(answer: string): string {
  return answer
    .replaceAll(/"(\w+_(?:ms|second)|created|id_slot|prompt_per_\w+)":-?[\d.e+-]+/g, '"$1":0')
    .replaceAll(/"id":"[^"]*"/g, '"id":""')
    .replaceAll(/(\d)\.0\b/g, '$1');
}
