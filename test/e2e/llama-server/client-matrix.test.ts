/** The clients that people use at the front door, over the embedded engine and over a real llama-server: what each asks, both answer. */

import { existsSync } from 'node:fs';

import Anthropic from '@anthropic-ai/sdk';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, streamText } from 'ai';
import type { ToolSet } from 'ai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { InstanceView } from '../../../src/contract/index.ts';
import { CLAUDE_CODE_HEADERS, claudeCodeRequest, codexRequest } from '../../support/client-requests.ts';
import { openHouse, until } from '../../support/house.ts';
import type { House } from '../../support/house.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';

const MODEL = 'alpha';
const QUESTION = 'Tell me about the herd.';
const WEATHER = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Bern', 'Rome'] } },
  required: ['city'],
  additionalProperties: false,
};

interface Clients {
  readonly url: string;
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly ollama: Ollama;
  readonly vercel: ReturnType<typeof createOpenAICompatible>;
  /** The demo model calls tools only where a grammar makes it. */
  readonly callsTools: boolean;
}

interface Row {
  readonly name: string;
  readonly run: (clients: Clients) => Promise<void>;
}

const openAiRows: readonly Row[] = [
  {
    name: 'openai: models, and one of them',
    async run({ openai }) {
      const ids = (await openai.models.list()).data.map(({ id }) => id);
      const one = await openai.models.retrieve(MODEL);

      expect(ids).toEqual(expect.arrayContaining([MODEL, 'demo']));
      expect(one).toMatchObject({ id: MODEL, loaded: true });
    },
  },
  {
    name: 'openai: chat, whole and streamed with usage',
    async run({ openai }) {
      const question = {
        model: MODEL,
        messages: [{ role: 'user', content: QUESTION }],
        max_completion_tokens: 8,
      } as const;

      const whole = await openai.chat.completions.create({ ...question, messages: [...question.messages] });
      const runner = openai.chat.completions.stream({
        ...question,
        messages: [{ role: 'developer', content: 'Be brief.' }, ...question.messages],
        stream_options: { include_usage: true },
      });
      const streamed = await runner.finalChatCompletion();

      expect(whole.choices[0]?.message.content).not.toBe('');
      expect(streamed.choices[0]?.message.content).not.toBe('');
      expect(streamed.usage?.completion_tokens).toBeGreaterThan(0);
    },
  },
  {
    name: 'openai: tools',
    async run({ openai, callsTools }) {
      const stream = openai.chat.completions.stream({
        model: MODEL,
        messages: [{ role: 'user', content: 'What is the weather in Bern?' }],
        tools: [{ type: 'function', function: { name: 'weather', parameters: WEATHER } }],
        tool_choice: 'required',
        max_tokens: 60,
      });

      const [choice] = (await stream.finalChatCompletion()).choices;

      if (callsTools) expect(choice?.message.tool_calls).toMatchObject([{ function: { name: 'weather' } }]);
      expect(['tool_calls', 'stop', 'length']).toContain(choice?.finish_reason);
    },
  },
  {
    name: 'openai: an answer in the form of a schema',
    async run({ openai }) {
      const answer = await openai.chat.completions.parse({
        model: MODEL,
        messages: [{ role: 'user', content: 'A city, please.' }],
        response_format: { type: 'json_schema', json_schema: { name: 'city', schema: WEATHER, strict: true } },
        max_tokens: 40,
      });

      expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toMatchObject({
        city: expect.stringMatching(/Bern|Rome/),
      });
    },
  },
  {
    name: 'openai: completions',
    async run({ openai }) {
      const answer = await openai.completions.create({ model: MODEL, prompt: 'The drover', max_tokens: 6 });

      expect(answer.choices[0]?.text).not.toBe('');
    },
  },
  {
    name: 'openai: embeddings, base64 by itself and float when asked for',
    async run({ openai }) {
      const unasked = await openai.embeddings.create({ model: MODEL, input: ['one', 'two'] });
      const float = await openai.embeddings.create({ model: MODEL, input: 'one', encoding_format: 'float' });

      const [first] = unasked.data.map(({ embedding }) => embedding);
      expect(unasked.data).toHaveLength(2);
      expect(first?.length).toBeGreaterThan(8);
      expect(Math.abs((first?.[0] ?? 9) - (float.data[0]?.embedding[0] ?? 0))).toBeLessThan(0.001);
    },
  },
  {
    name: 'openai: responses, whole and streamed, with a tool type that nobody knows',
    async run({ openai, callsTools }) {
      const whole = await openai.responses.create({ model: MODEL, input: QUESTION, max_output_tokens: 8 });
      const tools: OpenAI.Responses.Tool[] = [
        { type: 'function', name: 'weather', parameters: WEATHER, strict: true },
        { type: 'web_search' },
      ];
      const stream = openai.responses.stream({
        model: MODEL,
        instructions: 'Be brief.',
        input: [{ role: 'user', content: 'What is the weather in Bern?' }],
        tools,
        tool_choice: 'required',
        max_output_tokens: 60,
      });
      const streamed = await stream.finalResponse();

      expect(whole.output_text).not.toBe('');
      expect(['completed', 'incomplete']).toContain(whole.status);
      if (callsTools) expect(streamed.output).toMatchObject([{ type: 'function_call', name: 'weather' }]);
      expect(streamed.usage?.output_tokens).toBeGreaterThan(0);
    },
  },
  {
    name: 'openai: an unknown model is a NotFoundError with a near name',
    async run({ openai }) {
      const asked = openai.chat.completions.create({ model: 'alhpa', messages: [{ role: 'user', content: 'hi' }] });

      await expect(asked).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
      await expect(asked).rejects.toThrow(/did you mean "alpha"/);
    },
  },
];

const anthropicRows: readonly Row[] = [
  {
    name: 'anthropic: a message, whole and streamed',
    async run({ anthropic }) {
      const asked = { model: MODEL, max_tokens: 8, messages: [{ role: 'user' as const, content: QUESTION }] };

      const whole = await anthropic.messages.create({ ...asked, system: [{ type: 'text', text: 'Be brief.' }] });
      const streamed = await anthropic.messages.stream(asked).finalMessage();

      expect(whole).toMatchObject({ type: 'message', role: 'assistant' });
      expect(['max_tokens', 'end_turn']).toContain(whole.stop_reason);
      expect(whole.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/./) }]);
      expect(whole.usage.input_tokens + (whole.usage.cache_read_input_tokens ?? 0)).toBeGreaterThan(0);
      expect(streamed.content).toMatchObject([{ type: 'text', text: expect.stringMatching(/./) }]);
      expect(streamed.usage.output_tokens).toBeGreaterThan(0);
    },
  },
  {
    name: 'anthropic: tools, and their results',
    async run({ anthropic, callsTools }) {
      const weather = { name: 'weather', input_schema: { ...WEATHER, type: 'object' as const } };
      const asked = {
        model: MODEL,
        max_tokens: 200,
        tools: [weather],
        tool_choice: { type: 'any' as const, disable_parallel_tool_use: true },
      };
      const question = { role: 'user' as const, content: 'What is the weather in Bern?' };

      const called = await anthropic.messages.stream({ ...asked, messages: [question] }).finalMessage();
      const answered = await anthropic.messages.create({
        ...asked,
        max_tokens: 8,
        tool_choice: { type: 'none' },
        messages: [
          question,
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } }],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'rain' }] },
        ],
      });

      if (callsTools) {
        expect(called.stop_reason).toBe('tool_use');
        expect(called.content).toMatchObject([
          { type: 'tool_use', name: 'weather', input: { city: expect.any(String) } },
        ]);
      }
      expect(answered.content.length).toBeGreaterThan(0);
    },
  },
  {
    name: 'anthropic: tokens that were counted are those that a message takes, its tools included',
    async run({ anthropic }) {
      const messages = [{ role: 'user' as const, content: QUESTION }];
      const tools = [
        { name: 'weather', description: 'Tells it.', input_schema: WEATHER as Anthropic.Tool.InputSchema },
      ];

      const { input_tokens: counted } = await anthropic.messages.countTokens({ model: MODEL, messages, tools });
      const { usage } = await anthropic.messages.create({ model: MODEL, messages, tools, max_tokens: 4 });

      expect(usage.input_tokens + (usage.cache_read_input_tokens ?? 0)).toBe(counted);
    },
  },
  {
    name: 'anthropic: tokens are counted without an answer',
    async run({ anthropic }) {
      const messages = [{ role: 'user' as const, content: QUESTION }];

      const { input_tokens: few } = await anthropic.messages.countTokens({ model: MODEL, messages });
      const { input_tokens: more } = await anthropic.messages.countTokens({ model: MODEL, messages, system: QUESTION });

      expect(few).toBeGreaterThan(3);
      expect(more).toBeGreaterThan(few);
    },
  },
  {
    name: 'anthropic: an unknown model is a NotFoundError in the shape of the protocol',
    async run({ anthropic }) {
      const asked = anthropic.messages.create({
        model: 'alhpa',
        max_tokens: 4,
        messages: [{ role: 'user', content: 'hi' }],
      });

      await expect(asked).rejects.toMatchObject({
        status: 404,
        error: { type: 'error', error: { type: 'not_found_error' } },
      });
    },
  },
];

const ollamaRows: readonly Row[] = [
  {
    name: 'ollama: lists, what is loaded, one card, the version',
    async run({ ollama, url }) {
      const head = await fetch(url, { method: 'HEAD' });
      const [tags, loaded, card, version] = [
        await ollama.list(),
        await ollama.ps(),
        await ollama.show({ model: MODEL }),
        await ollama.version(),
      ];

      expect(head.status).toBe(200);
      expect(tags.models.map(({ name }) => name)).toEqual(expect.arrayContaining([MODEL, 'demo']));
      expect(loaded.models).toMatchObject([{ name: MODEL, size: expect.any(Number) }, { name: 'demo' }]);
      expect(card.details.format).toBe('gguf');
      expect(version.version).toMatch(/^\d+\.\d+/);
    },
  },
  {
    name: 'ollama: chat, whole and streamed, with a tag and a tool',
    async run({ ollama, callsTools }) {
      const messages = [{ role: 'user', content: QUESTION }];
      const whole = await ollama.chat({
        model: `${MODEL}:latest`,
        messages,
        options: { num_predict: 8, num_ctx: 4096 },
      });
      const lines = [];
      for await (const line of await ollama.chat({ model: MODEL, messages, stream: true, options: { num_predict: 8 } }))
        lines.push(line);
      const tools = [
        { type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: WEATHER } },
      ];
      const called = await ollama.chat({ model: MODEL, messages, tools, options: { num_predict: 60 } });

      expect(whole).toMatchObject({
        done: true,
        done_reason: expect.stringMatching(/length|stop/),
        message: { role: 'assistant' },
      });
      expect(lines.map(({ message }) => message.content).join('')).not.toBe('');
      expect(lines.at(-1)).toMatchObject({ done: true, eval_count: expect.any(Number) });
      expect(lines.at(-1)?.eval_duration).toBeGreaterThan(0);
      expect(called.done).toBe(callsTools || called.done);
    },
  },
  {
    name: 'ollama: generate, embed, an answer in the form of a schema, and loading',
    async run({ ollama }) {
      const text = await ollama.generate({
        model: MODEL,
        prompt: QUESTION,
        system: 'Be brief.',
        options: { num_predict: 6 },
      });
      const raw = await ollama.generate({ model: MODEL, prompt: 'The drover', raw: true, options: { num_predict: 6 } });
      const formed = await ollama.generate({
        model: MODEL,
        prompt: 'A city.',
        format: WEATHER,
        options: { num_predict: 40 },
      });
      const vectors = await ollama.embed({ model: MODEL, input: ['one', 'two'] });
      const loaded = await ollama.generate({ model: MODEL, prompt: '', keep_alive: '5m' });

      expect([text.response, raw.response]).not.toContain('');
      expect(JSON.parse(formed.response ?? '')).toHaveProperty('city');
      expect(vectors.embeddings).toHaveLength(2);
      expect(loaded).toMatchObject({ done: true, done_reason: 'load' });
    },
  },
  {
    name: 'ollama: an unknown model is an error with a text',
    async run({ ollama }) {
      const asked = ollama.chat({ model: 'alhpa', messages: [{ role: 'user', content: 'hi' }] });

      await expect(asked).rejects.toThrow(/did you mean "alpha"/);
    },
  },
];

const vercelRows: readonly Row[] = [
  {
    name: 'ai: generateText and streamText, with usage',
    async run({ vercel }) {
      const model = vercel(MODEL);
      const whole = await generateText({ model, prompt: QUESTION, maxOutputTokens: 8 });
      const streamed = streamText({ model, prompt: QUESTION, maxOutputTokens: 8 });
      let text = '';
      for await (const piece of streamed.textStream) text += piece;

      expect(whole.text).not.toBe('');
      expect(text).not.toBe('');
      expect((await streamed.usage).outputTokens).toBeGreaterThan(0);
    },
  },
  {
    name: 'ai: a tool',
    async run({ vercel, callsTools }) {
      const tools: ToolSet = { weather: { description: 'Tells it.', inputSchema: jsonSchema(WEATHER as object) } };
      const asked = {
        model: vercel(MODEL),
        prompt: 'Bern?',
        tools,
        toolChoice: callsTools ? ('required' as const) : ('auto' as const),
      };

      const { toolCalls } = await generateText({ ...asked, maxOutputTokens: 60 });

      if (callsTools) expect(toolCalls).toMatchObject([{ toolName: 'weather', input: { city: expect.any(String) } }]);
    },
  },
];

const llamaCppRows: readonly Row[] = [
  {
    name: 'llama.cpp: tokens, templates, properties, slots and completions, named or not',
    async run({ url }) {
      const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
        const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
        const answer = await fetch(`${url}${path}`, init);
        expect([path, answer.status]).toEqual([path, 200]);
        return (await answer.json()) as Record<string, unknown>; // its fields are looked at below
      };

      const { tokens } = await ask('/tokenize', { content: 'the herd', model: MODEL });
      const { content } = await ask('/detokenize', { tokens });
      const { prompt } = await ask('/apply-template', { messages: [{ role: 'user', content: QUESTION }] });
      const props = await ask(`/props?model=${MODEL}`);
      const slots = await ask('/slots');
      const said = await ask('/completion', { prompt: 'The drover', n_predict: 4, temperature: 0 });

      expect(content).toBe('the herd');
      expect(prompt).toContain(QUESTION);
      expect(props['total_slots']).toBeGreaterThan(0);
      expect(slots).toHaveLength(Number(props['total_slots']));
      expect(said).toMatchObject({ stop: true, tokens_predicted: 4, stop_type: 'limit' });
    },
  },
];

const agentRows: readonly Row[] = [
  {
    name: "Claude Code's request is answered as it wants",
    async run({ url }) {
      const answer = await fetch(`${url}/v1/messages?beta=true`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...CLAUDE_CODE_HEADERS },
        body: JSON.stringify(claudeCodeRequest(MODEL)),
      });

      const text = await answer.text();
      expect([answer.status, text.slice(0, 20)]).toEqual([200, 'event: message_start']);
      expect(text).toMatch(/event: message_delta\ndata: [^\n]*"stop_reason":"(end_turn|max_tokens|tool_use)"/);
    },
  },
  {
    name: "Codex' request is answered as it wants",
    async run({ url }) {
      const body = JSON.stringify(codexRequest(MODEL));
      const answer = await fetch(`${url}/v1/responses`, { method: 'POST', body });

      const text = await answer.text();
      expect([answer.status, text.slice(0, 23)]).toEqual([200, 'event: response.created']);
      expect(text).toMatch(/event: response\.(completed|incomplete)\n[^\n]*"usage":{"input_tokens":\d+/);
    },
  },
];

/** Beside the client's own tools, and asked for: its input is one of two. */
const AGENT_TOOL = { name: 'weather', description: 'Tells it.' };

const toolRows: readonly Row[] = [
  {
    name: 'Claude Code gets the call of a tool, whole and in pieces of JSON',
    async run({ url, callsTools }) {
      const request = claudeCodeRequest(MODEL);
      const tools = [...request.tools, { ...AGENT_TOOL, input_schema: WEATHER }];
      const body = {
        ...request,
        tools,
        tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
        max_tokens: 300,
      };
      const headers = { 'content-type': 'application/json', ...CLAUDE_CODE_HEADERS };

      const answer = await fetch(`${url}/v1/messages?beta=true`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });

      const text = await answer.text();
      const input = [...text.matchAll(/"partial_json":("(?:[^"\\]|\\.)*")/g)].map(
        ([, piece = '""']) => JSON.parse(piece) as string,
      );
      expect([answer.status, text.slice(0, 20)]).toEqual([200, 'event: message_start']);
      if (!callsTools) return;
      expect(text).toMatch(/"type":"tool_use"[^\n]*"name":"weather"/);
      expect(JSON.parse(input.join(''))).toMatchObject({ city: expect.stringMatching(/Bern|Rome/) });
      expect(text).toContain('"stop_reason":"tool_use"');
    },
  },
  {
    name: 'Codex gets the call of a tool, with its arguments',
    async run({ url, callsTools }) {
      const request = codexRequest(MODEL);
      const tools = [...request.tools, { type: 'function', ...AGENT_TOOL, strict: true, parameters: WEATHER }];
      const body = { ...request, tools, tool_choice: { type: 'function', name: 'weather' }, max_output_tokens: 300 };

      const answer = await fetch(`${url}/v1/responses`, { method: 'POST', body: JSON.stringify(body) });

      const text = await answer.text();
      const [, done = 'null'] =
        /event: response\.output_item\.done\ndata: ([^\n]*"function_call"[^\n]*)/.exec(text) ?? [];
      expect([answer.status, text.slice(0, 23)]).toEqual([200, 'event: response.created']);
      if (!callsTools) return;
      const { item } = JSON.parse(done) as { item: { name: string; arguments: string } };
      expect(item.name).toBe('weather');
      expect(JSON.parse(item.arguments)).toMatchObject({ city: expect.stringMatching(/Bern|Rome/) });
      expect(text).toContain('event: response.completed');
    },
  },
];

const ROWS = [
  ...openAiRows,
  ...anthropicRows,
  ...ollamaRows,
  ...vercelRows,
  ...llamaCppRows,
  ...agentRows,
  ...toolRows,
];

const llamaServer = builtLlamaServer();
if (llamaServer === null) console.warn('left out: llama-server suites; build one with "drover engine build"');

const engines = [
  { name: 'the embedded engine', path: null, there: true },
  { name: 'a real llama-server', path: llamaServer, there: llamaServer !== null && existsSync(llamaServer) },
];

describe.each(engines)('over $name', ({ path, there }) => {
  let house: House | null = null;
  let clients: Clients;

  beforeAll(async () => {
    if (!there) return;
    house = await openHouse();
    await up(house, path);
    clients = clientsOf(house.url, path === null);
  });
  afterAll(async () => {
    await house?.[Symbol.asyncDispose]();
  });

  test.skipIf(!there).each(ROWS)('$name', async ({ run }) => {
    await expect(run(clients)).resolves.toBeUndefined();
  });

  test.skipIf(!there)('an abort in the middle frees the slot, in every protocol', async () => {
    await abortAfterThree(clients);

    const busy = await until(
      async () => (await house?.json<InstanceView[]>('ps'))?.[0]?.slots.busy,
      (slots) => slots === 0,
    );
    expect(busy).toBe(0);
  });
});

function clientsOf(url: string, callsTools: boolean): Clients {
  return {
    url,
    callsTools,
    openai: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 }),
    ollama: new Ollama({ host: url }),
    vercel: createOpenAICompatible({ name: 'drover', baseURL: `${url}/v1`, includeUsage: true }),
  };
}

/** The demo model ends its sentences soon; llama.cpp's own parameter makes it go on. */
async function abortAfterThree({ openai, anthropic, url }: Clients): Promise<void> {
  const endless = {
    model: MODEL,
    max_tokens: 4_000,
    ignore_eos: true,
    messages: [{ role: 'user' as const, content: QUESTION }],
  };
  await leave(await openai.chat.completions.create({ ...endless, stream: true }));
  await leave(await anthropic.messages.create({ ...endless, stream: true }));
  const options = { num_predict: 4_000, temperature: 0.9 };
  await leave(await new Ollama({ host: url }).generate({ model: MODEL, prompt: QUESTION, stream: true, options }));
}

async function leave(stream: AsyncIterable<unknown>): Promise<void> {
  let seen = 0;
  for await (const _piece of stream) if (++seen === 3) break;
}

async function up(house: House, enginePath: string | null): Promise<void> {
  await house.drover('models', 'demo');
  await house.drover('init', MODEL, '--profile', 'cpu', '-m', 'demo');
  if (enginePath !== null) {
    house.editConfig(MODEL, (config) => ({
      ...config,
      engine: { kind: 'llama-server', path: enginePath, args: ['--embeddings', '--pooling', 'mean'] },
    }));
  }
  expect(await house.drover('up', MODEL)).toMatchObject({ code: 0 });
}
