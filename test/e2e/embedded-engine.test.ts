/** What only the embedded engine promises: tools by grammar, embeddings, the worker protocol, and its life as a process. */

import { readFileSync, truncateSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { writeDemoModel } from '../../src/models/index.ts';
import { startEngine } from '../support/engine-process.ts';
import type { EngineProcess } from '../support/engine-process.ts';
import { AT_ONCE_MS } from '../support/patience.ts';

const endless = { prompt: 'The drover', ignore_eos: true };
const weather = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 12 }, days: { type: 'integer', minimum: 1, maximum: 14 } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
  },
};
const asked = [{ role: 'user' as const, content: 'How is the weather?' }];

describe('the embedded engine', () => {
  let engine: EngineProcess;
  let client: OpenAI;
  beforeAll(async () => {
    engine = await startEngine({ kind: 'embedded' });
    client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(() => engine?.stop());

  async function json(path: string, body: object): Promise<Record<string, unknown>> {
    return (await (await engine.call(path, body)).json()) as Record<string, unknown>;
  }

  test('calls a tool that it must call, with arguments of its schema', async () => {
    const answer = await client.chat.completions.create({
      model: 'demo',
      messages: asked,
      tools: [weather],
      tool_choice: 'required',
      parallel_tool_calls: false,
      seed: 2,
      max_tokens: 300,
    });

    const [choice] = answer.choices;
    const [call] = choice?.message.tool_calls ?? [];
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.content).toBeNull();
    expect(call).toMatchObject({
      type: 'function',
      id: expect.stringMatching(/^call_/),
      function: { name: 'get_weather' },
    });
    expect(argumentsOf(call)).toEqual({ city: expect.any(String), days: expect.any(Number) });
  });

  test('a streamed call is the same as a whole one', async () => {
    const body = {
      model: 'demo',
      messages: asked,
      tools: [weather],
      seed: 2,
      max_tokens: 300,
      parallel_tool_calls: false,
    };
    const choice = { type: 'function' as const, function: { name: 'get_weather' } };

    const whole = await client.chat.completions.create({ ...body, tool_choice: choice });
    const streamed = await client.chat.completions.stream({ ...body, tool_choice: choice }).finalChatCompletion();

    expect(streamed.choices[0]?.finish_reason).toBe('tool_calls');
    expect(argumentsOf(streamed.choices[0]?.message.tool_calls?.[0])).toEqual(
      argumentsOf(whole.choices[0]?.message.tool_calls?.[0]),
    );
  });

  test('a model that may call a tool may speak instead', async () => {
    const answer = await json('/v1/chat/completions', { messages: asked, tools: [weather], max_tokens: 300, seed: 4 });

    expect(answer).toMatchObject({
      choices: [{ finish_reason: 'stop', message: { content: expect.stringMatching(/\w/) } }],
    });
  });

  test('tools that the client forbids are not called', async () => {
    const answer = await json('/v1/chat/completions', {
      messages: asked,
      tools: [weather],
      tool_choice: 'none',
      max_tokens: 20,
    });

    expect(answer).toMatchObject({ choices: [{ message: { content: expect.stringMatching(/\w/) } }] });
    expect(JSON.stringify(answer)).not.toContain('tool_calls');
  });

  test('embeds texts and tokens, as numbers and as base64, in vectors of length 1', async () => {
    const { tokens } = (await json('/tokenize', { content: 'The herd' })) as { tokens: number[] };

    const plain = await client.embeddings.create({
      model: 'demo',
      input: ['The herd', 'A river'],
      encoding_format: 'float',
    });
    const packed = await client.embeddings.create({ model: 'demo', input: [tokens] });

    const [herd, river] = plain.data.map(({ embedding }) => embedding);
    expect(Math.hypot(...(herd ?? []))).toBeCloseTo(1);
    expect(herd).not.toEqual(river);
    expect(packed.data[0]?.embedding.map((value) => value.toFixed(4))).toEqual(herd?.map((value) => value.toFixed(4)));
    expect(plain.usage.prompt_tokens).toBeGreaterThan(2);
  });

  test.each([
    ['/v1/embeddings', { input: [] }],
    ['/v1/embeddings', { input: 'x', encoding_format: 'binary' }],
    ['/v1/embeddings', { input: 'x', dimensions: 3 }],
    ['/v1/embeddings', { input: [[999_999]] }],
    ['/detokenize', { tokens: [-1] }],
    ['/tokenize', { content: 3 }],
    ['/execute', { prompt: 'x' }],
    ['/execute', { job_id: 'a', prompt: 'x', stream: true }],
  ])("POST %s with %j is the client's error", async (path, body) => {
    const response = await engine.call(path, body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  test('a job tells its start, its tokens and its end', async () => {
    const events = readJobEvents(
      await (await engine.call('/execute', { ...endless, job_id: 'j1', max_tokens: 5, seed: 9 })).text(),
    );

    expect(events[0]).toMatchObject({ event: 'started', job_id: 'j1', seed: 9 });
    expect(events.slice(1, -1).map(({ event, i }) => [event, i])).toEqual([0, 1, 2, 3, 4].map((i) => ['token', i]));
    expect(events.at(-1)).toMatchObject({ event: 'end', tokens_out: 5, stop_reason: 'length', seed: 9 });
  });

  test('a cancelled job says no token after the answer, and its slot is free', async () => {
    const response = await engine.call('/execute', { ...endless, job_id: 'j2', max_tokens: 900 });
    const twice = await engine.call('/execute', { ...endless, job_id: 'j2', max_tokens: 1 });

    const cancelled = await engine.call('/cancel', { job_id: 'j2' });
    const events = readJobEvents(await response.text());
    const again = await engine.call('/cancel', { job_id: 'j2' });
    const unknown = await engine.call('/cancel', { job_id: 'never' });

    expect([twice.status, cancelled.status, again.status, unknown.status]).toEqual([409, 202, 200, 404]);
    expect(events.at(-1)).toMatchObject({ event: 'error', code: 'cancelled', retriable: false });
    expect(events.length).toBeLessThan(900);
    await expect.poll(async () => (await engine.slots()).busy, { timeout: AT_ONCE_MS, interval: 20 }).toBe(0);
  });

  test('bodies that are too large, cut off or no JSON leave it healthy', async () => {
    const { hostname, port } = new URL(engine.url);
    const tooLarge = await postRaw(engine, '/v1/completions', `{"prompt":"${'x'.repeat(33 * 1024 * 1024)}"}`);
    const noJson = await postRaw(engine, '/v1/completions', '{"prompt":');
    const deep = await postRaw(
      engine,
      '/v1/completions',
      `{"prompt":"x","json_schema":{"enum":[${'['.repeat(50_000)}${']'.repeat(50_000)}]}}`,
    );
    const socket = connect(Number(port), hostname, () => {
      socket.write('POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"prompt"', () =>
        socket.destroy(),
      );
    });
    await new Promise((resolve) => socket.once('close', resolve));

    expect([tooLarge, noJson, deep]).toEqual([400, 400, 400]);
    expect((await engine.call('/health')).status).toBe(200);
  });

  test('whatever is posted anywhere is answered or refused, and nothing breaks', async () => {
    const paths = [
      '/v1/chat/completions',
      '/v1/completions',
      '/v1/embeddings',
      '/tokenize',
      '/detokenize',
      '/apply-template',
      '/v1/chat/completions/input_tokens',
      '/execute',
      '/cancel',
      '/nowhere',
    ];
    const names = [
      'prompt',
      'messages',
      'input',
      'content',
      'tokens',
      'job_id',
      'stop',
      'tools',
      'json_schema',
      'logit_bias',
      'n',
    ];
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), fc.jsonValue()));

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, async (path, value) => {
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        const status = await postRaw(engine, path, JSON.stringify(isObject ? { max_tokens: 1, ...value } : value));

        expect([200, 202, 400, 404]).toContain(status);
      }),
      { numRuns: 200 },
    );
    expect((await engine.call('/health')).status).toBe(200);
  });

  test('refuses what it cannot do by name, with a hint', async () => {
    expect(await json('/v1/completions', { prompt: 'x', mirostat: 2 })).toMatchObject({
      error: {
        code: 400,
        message: '"mirostat" is not supported by the embedded engine',
        type: 'invalid_request_error',
      },
    });
    expect(await json('/v1/completions', { prompt: 'x', temprature: 2 })).toMatchObject({
      error: { code: 400, message: '"temprature" is unknown; did you mean "temperature"?' },
    });
  });
});

describe('the embedded engine as a process', () => {
  test('serves only who has the key, health and models excepted', async () => {
    const engine = await startEngine({ kind: 'embedded', key: 'secret' });
    try {
      const open = await fetch(`${engine.url}/health`, { headers: { connection: 'close' } });
      const closed = await fetch(`${engine.url}/slots`, { headers: { connection: 'close' } });

      expect(open.status).toBe(200);
      expect(closed.status).toBe(401);
      expect(await closed.json()).toMatchObject({ error: { type: 'authentication_error' } });
      expect((await engine.slots()).total).toBe(4);
    } finally {
      await engine.stop();
    }
  });

  test('answers /health in the middle of generating, and ends at once when told to', async () => {
    const engine = await startEngine({ kind: 'embedded' });
    const busy = engine.call('/v1/completions', { ...endless, max_tokens: 900, stream: true });
    await (await busy).body?.getReader().read();

    const startedAt = performance.now();
    const health = await engine.call('/health');
    const tookMs = performance.now() - startedAt;
    const end = await engine.stop();

    expect(health.status).toBe(200);
    expect(tookMs).toBeLessThan(AT_ONCE_MS);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end.tookMs).toBeLessThan(AT_ONCE_MS);
  });

  test('a long prompt is read while others go on, seen in its progress', async () => {
    const engine = await startEngine({ kind: 'embedded', changes: { model: { contextSize: 16_384 } } });
    try {
      const leave = new AbortController();
      const stream = await engine.call(
        '/v1/completions',
        { ...endless, max_tokens: 15_000, stream: true },
        leave.signal,
      );
      const reader = stream.body?.getReader();
      await reader?.read();
      const before = await progress(engine);

      const long = engine.call('/v1/completions', { prompt: 'The herd walks '.repeat(3_500), max_tokens: 1 });
      const seen = await watchUntil(engine, (slots) => slots.some(({ read }) => read > 0), long);
      await long;
      const after = await progress(engine);
      leave.abort();

      expect(seen.length).toBeGreaterThan(0);
      expect(after[0]?.decoded).toBeGreaterThan((before[0]?.decoded ?? 0) + 5);
    } finally {
      await engine.stop();
    }
  });

  test('a client that never reads is held, and others are served', async () => {
    const engine = await startEngine({ kind: 'embedded', changes: { model: { contextSize: 16_384 } } });
    try {
      const stuck = await openWithoutReading(engine, { ...endless, max_tokens: 16_000, stream: true, logprobs: 20 });

      await expect.poll(async () => await standsStill(engine), { interval: 200 }).toBe(true);
      const other = await engine.call('/v1/completions', { ...endless, max_tokens: 20 });

      expect(other.status).toBe(200);
      stuck();
      await expect.poll(async () => (await engine.slots()).busy, { interval: 50 }).toBe(0);
    } finally {
      await engine.stop();
    }
  });

  test('calls back when it serves, with its address and the token of its spawn, until it is heard', async () => {
    const calls: { readonly authorization: string | undefined; readonly body: Record<string, unknown> }[] = [];
    const server = createServer((call, response) => {
      let text = '';
      call.on('data', (piece: Buffer) => (text += piece.toString()));
      call.on('end', () => {
        calls.push({ authorization: call.headers.authorization, body: JSON.parse(text) as Record<string, unknown> });
        response.writeHead(calls.length === 1 ? 503 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ready`;
    const engine = await startEngine({
      kind: 'embedded',
      changes: { args: ['--callback-url', url], env: { DROVER_CALLBACK_TOKEN: 't0k' } },
    });
    try {
      await expect.poll(() => calls.length).toBe(2);

      expect(calls[1]?.authorization).toBe('Bearer t0k');
      expect(calls[1]?.body).toMatchObject({ url: engine.url, model: 'demo', pid: engine.pid, slots: 4, n_ctx: 1024 });
    } finally {
      await engine.stop();
      server.close();
    }
  });

  test('ends when it is asked to over HTTP', async () => {
    const engine = await startEngine({ kind: 'embedded' });

    const answer = await engine.call('/shutdown', {});

    expect(answer.status).toBe(202);
    await expect
      .poll(() =>
        engine.call('/health').then(
          () => 'up',
          () => 'gone',
        ),
      )
      .toBe('gone');
    expect(await engine.stop()).toMatchObject({ code: 0 });
  });

  test.each([
    ['no model at all', (path: string) => writeFileSync(path, 'nothing of the kind')],
    ['a model cut short', (path: string) => truncateSync(path, readFileSync(path).length / 2)],
  ])('%s ends it with a reason on the last line', async (_, damage) => {
    const folder = mkdtempSync(join(tmpdir(), 'drover-damaged-'));
    const { path } = writeDemoModel(join(folder, 'demo.gguf'));
    damage(path);

    const start = startEngine({ kind: 'embedded', changes: { model: { path } } });

    await expect(start).rejects.toThrow(
      /ended with 8: [\s\S]*error ENGINE_START_FAILED: the model "[^"]*" cannot be loaded: [^\n]+\n$/,
    );
    rmSync(folder, { recursive: true });
  });

  test('a context that does not fit ends it with a reason on the last line', async () => {
    const start = startEngine({ kind: 'embedded', changes: { args: ['--ctx-size', '100000000'] } });

    await expect(start).rejects.toThrow(
      /ended with 8: [\s\S]*error ENGINE_START_FAILED: the context does not fit[^\n]+\n$/,
    );
  });

  test('a worker that its caller cannot reach does not start', async () => {
    const start = startEngine({ kind: 'embedded', changes: { args: ['--callback-url', 'http://10.1.2.3:1/ready'] } });

    await expect(start).rejects.toThrow(/a worker on 127.0.0.1 cannot be reached from 10.1.2.3:1/);
  });
});

function argumentsOf(call: unknown): unknown {
  return JSON.parse((call as { readonly function: { readonly arguments: string } }).function.arguments);
}

function readJobEvents(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [event = '', data = ''] = frame.split('\n');
      return { event: event.slice('event: '.length), ...(JSON.parse(data.slice('data: '.length)) as object) };
    });
}

function postRaw(engine: EngineProcess, path: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(engine.url + path, { method: 'POST', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.once('error', reject);
    call.end(body);
  });
}

interface SlotProgress {
  readonly decoded: number;
  readonly read: number;
}

async function progress(engine: EngineProcess): Promise<readonly SlotProgress[]> {
  const slots = (await (await engine.call('/slots')).json()) as {
    readonly is_processing: boolean;
    readonly n_prompt_tokens_processed?: number;
    readonly n_prompt_tokens?: number;
    readonly next_token?: readonly { readonly n_decoded: number }[];
  }[];
  return slots.map((slot) => ({
    decoded: slot.next_token?.[0]?.n_decoded ?? 0,
    read:
      slot.is_processing && (slot.next_token?.[0]?.n_decoded ?? 0) === 0 ? (slot.n_prompt_tokens_processed ?? 0) : 0,
  }));
}

/** The looks at the slots in which something was true, taken until the request is over. */
async function watchUntil(
  engine: EngineProcess,
  isWanted: (slots: readonly SlotProgress[]) => boolean,
  over: Promise<unknown>,
): Promise<readonly (readonly SlotProgress[])[]> {
  const looks: (readonly SlotProgress[])[] = [];
  let done = false;
  void over.then(() => (done = true));
  while (!done) {
    const look = await progress(engine);
    if (isWanted(look)) looks.push(look);
  }
  return looks;
}

async function standsStill(engine: EngineProcess): Promise<boolean> {
  const before = await progress(engine);
  await engine.call('/v1/completions', { ...endless, max_tokens: 30 });
  const after = await progress(engine);
  return before.some(({ decoded }, at) => decoded > 100 && after[at]?.decoded === decoded);
}

/** A request whose answer stays in the pipe. The function ends it. */
function openWithoutReading(engine: EngineProcess, body: object): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const call = request(`${engine.url}/v1/completions`, { method: 'POST', agent: false }, (response) => {
      response.pause();
      resolve(() => call.destroy());
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
