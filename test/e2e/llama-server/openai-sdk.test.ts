/** The npm package `openai` at the front door, over the embedded engine and over a real llama-server. */

import { existsSync } from 'node:fs';

import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';

import type { InstanceView, RequestView } from '../../../src/contract/index.ts';
import { openHouse, until } from '../../support/house.ts';
import type { House } from '../../support/house.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';

const llamaServer = builtLlamaServer();
if (llamaServer === null) console.warn('left out: llama-server suites; build one with "drover engine build"');

const engines = [
  { name: 'the embedded engine', path: null, there: true },
  { name: 'a real llama-server', path: llamaServer, there: llamaServer !== null && existsSync(llamaServer) },
];

describe.each(engines)('the openai package over $name', ({ path, there }) => {
  test.skipIf(!there)('lists models, answers unary and streamed with usage, and an abort frees the slot', async () => {
    await using house = await openHouse();
    await up(house, path);
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'none', maxRetries: 0 });

    const models = (await client.models.list()).data.map((model) => model.id);
    expect(models).toEqual(expect.arrayContaining(['alpha', 'demo']));

    const unary = await client.chat.completions.create({ ...question('alpha'), max_tokens: 16 });
    expect(unary.choices[0]?.message.content?.length).toBeGreaterThan(0);
    expect(unary.usage).toMatchObject({ completion_tokens: expect.any(Number), prompt_tokens: expect.any(Number) });

    const streamed = await streamedAnswer(client);
    expect(streamed.text.length).toBeGreaterThan(0);
    expect(streamed.usage).toMatchObject({ completion_tokens: expect.any(Number) });

    await abortMidStream(client);
    await until(
      () => busySlots(house),
      (busy) => busy === 0,
    );
    const [latest] = await house.json<RequestView[]>('requests', 'ls', '--last', '1');
    expect(latest).toMatchObject({ state: 'cancelled' });
  });
});

function question(model: string) {
  return { model, messages: [{ role: 'user' as const, content: 'Tell me about the herd.' }] };
}

async function streamedAnswer(client: OpenAI) {
  const stream = await client.chat.completions.create({
    ...question('demo'),
    max_tokens: 16,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  return { text, usage };
}

/** An answer that would go on for thousands of tokens, left after the third. */
async function abortMidStream(client: OpenAI): Promise<void> {
  // The demo model ends its sentences soon; llama.cpp's own parameter makes it go on.
  const endless = { ...question('alpha'), max_tokens: 4_000, stream: true as const, ignore_eos: true };
  const stream = await client.chat.completions.create(endless);
  let seen = 0;
  for await (const _chunk of stream) if (++seen === 3) break;
  expect(seen).toBe(3);
}

async function busySlots(house: House): Promise<number> {
  const [row] = await house.json<InstanceView[]>('ps');
  return row?.slots.busy ?? -1;
}

async function up(house: House, enginePath: string | null): Promise<void> {
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  if (enginePath !== null)
    house.editConfig('alpha', (config) => ({ ...config, engine: { kind: 'llama-server', path: enginePath } }));
  expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });
}
