/** Both engines through the port, with the demo model: one list of promises, kept by each. Real processes. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { SlotsReading } from '../../../src/engines/index.ts';
import { readEvents, startEngine } from '../../support/engine-process.ts';
import type { EngineProcess, EngineWish } from '../../support/engine-process.ts';
import { builtLlamaServer } from '../../support/llama-server.ts';
import { AT_ONCE_MS, until } from '../../support/patience.ts';

interface SaidToken {
  readonly id: number;
  readonly token: string;
  readonly logprob: number;
  readonly top_logprobs: readonly { readonly logprob: number }[];
}

interface Answer {
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    readonly logprobs?: { readonly content: readonly SaidToken[] } | null;
    readonly message: { readonly role: string; readonly content: string };
    readonly finish_reason: string;
  }[];
  readonly usage: Record<string, number>;
  readonly timings: Record<string, number>;
}

const METRICS = [
  'n_busy_slots_per_decode',
  'n_decode_total',
  'n_tokens_max',
  'predicted_tokens_seconds',
  'prompt_seconds_total',
  'prompt_tokens_cached_total',
  'prompt_tokens_seconds',
  'prompt_tokens_total',
  'requests_deferred',
  'requests_processing',
  'spec_decode_num_accepted_tokens_total',
  'spec_decode_num_draft_tokens_total',
  'spec_decode_num_drafts_total',
  'tokens_predicted_seconds_total',
  'tokens_predicted_total',
];

const question = { messages: [{ role: 'user', content: 'Tell me about the herd.' }] };
const endless = { prompt: 'The drover', ignore_eos: true };

/** A null wish is an engine that this machine lacks. */
function describeEngine(name: string, wish: EngineWish | null): void {
  describe.skipIf(wish === null)(`${name}`, () => {
    let engine: EngineProcess;
    beforeAll(async () => {
      engine = await startEngine(wish ?? { kind: 'embedded' });
    });
    afterAll(() => engine?.stop());

    async function ask(path: string, body: object): Promise<Answer> {
      const response = await engine.call(path, body);
      expect(response.status).toBe(200);
      return (await response.json()) as Answer;
    }
    async function framesOf(path: string, body: object): Promise<readonly Answer[]> {
      const events = await readEvents(await engine.call(path, { ...body, stream: true }));
      return events as unknown as readonly Answer[];
    }
    const say = async (body: object): Promise<string> =>
      (await ask('/v1/completions', body)).choices[0]?.text ?? 'nothing';

    test('is loading or unreachable before it is healthy', () => {
      expect(engine.healthSeen.at(-1)).toBe('healthy');
      expect(engine.healthSeen[0]).not.toBe('error');
    });

    test('lists its model by alias', async () => {
      const models = (await (await engine.call('/v1/models')).json()) as { data: { id: string }[] };

      expect(models.data.map(({ id }) => id)).toEqual(['demo']);
    });

    test('answers a chat whole, with usage and timings', async () => {
      const answer = await ask('/v1/chat/completions', { ...question, max_tokens: 12, seed: 4 });

      expect(answer.choices[0]?.message.role).toBe('assistant');
      expect(answer.choices[0]?.message.content).toMatch(/^[A-Z][a-z]* [a-z]+/);
      expect(answer.usage['total_tokens']).toBe(
        (answer.usage['prompt_tokens'] ?? 0) + (answer.usage['completion_tokens'] ?? 0),
      );
      expect(answer.timings['predicted_n']).toBe(answer.usage['completion_tokens']);
    });

    test('streams the same text as it answers whole, and tells usage when asked', async () => {
      const body = { ...question, max_tokens: 20, seed: 4, temperature: 0.7 };

      const whole = await ask('/v1/chat/completions', body);
      const stream = await engine.call('/v1/chat/completions', {
        ...body,
        stream: true,
        stream_options: { include_usage: true },
      });
      const events = (await readEvents(stream)) as {
        choices: { delta: { content?: string | null } }[];
        usage?: object;
      }[];

      expect(stream.headers.get('content-type')).toContain('text/event-stream');
      expect(events.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
        whole.choices[0]?.message.content,
      );
      expect(events.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: whole.usage['total_tokens'] } });
    });

    test('the same seed says the same, another seed something else', async () => {
      const body = { ...endless, max_tokens: 30 };

      const [one, again, other] = [
        await say({ ...body, seed: 1 }),
        await say({ ...body, seed: 1 }),
        await say({ ...body, seed: 2 }),
      ];

      expect(again).toBe(one);
      expect(other).not.toBe(one);
    });

    test('four at a time say what each says alone', async () => {
      const bodies = [1, 2, 3, 4].map((seed) => ({ ...endless, max_tokens: 60, seed }));
      const alone: string[] = [];
      for (const body of bodies) alone.push(await say(body));

      const together = await Promise.all(bodies.map(say));

      expect(together).toEqual(alone);
    });

    test('more than it has slots wait inside and are served', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, seed) => say({ ...endless, max_tokens: 20, seed })),
      );

      expect(answers.filter((answer) => answer.length > 20)).toHaveLength(10);
    });

    test('temperature 0 is greedy', async () => {
      const [one, two] = [
        await say({ ...endless, max_tokens: 20, temperature: 0, seed: 1 }),
        await say({ ...endless, max_tokens: 20, temperature: 0, seed: 2 }),
      ];

      expect(one).toBe(two);
    });

    test('a stop string ends the answer and is not part of it, whole or streamed', async () => {
      const body = { ...endless, max_tokens: 200, seed: 1, stop: ['. ', '.\n'] };

      const whole = await ask('/v1/completions', body);
      const stream = await readEvents(await engine.call('/v1/completions', { ...body, stream: true }));
      const streamed = stream.map((event) => (event as unknown as Answer).choices[0]?.text ?? '').join('');

      expect(whole.choices[0]?.finish_reason).toBe('stop');
      expect(whole.choices[0]?.text).not.toContain('.');
      expect(streamed).toBe(whole.choices[0]?.text);
    });

    test('a limit ends the answer as a length', async () => {
      const answer = await ask('/v1/completions', { ...endless, max_tokens: 5 });

      expect(answer.choices[0]?.finish_reason).toBe('length');
      expect(answer.usage['completion_tokens']).toBe(5);
    });

    test('a forbidden token does not come', async () => {
      const { tokens } = (await (await engine.call('/tokenize', { content: '. ' })).json()) as { tokens: number[] };

      const answer = await say({ ...endless, max_tokens: 60, seed: 1, logit_bias: [[tokens[0], false]] });

      expect(tokens).toHaveLength(1);
      expect(answer).not.toContain('. ');
    });

    test('a presence penalty changes what is said', async () => {
      const body = { ...endless, max_tokens: 60, seed: 1 };

      const [plain, penalised] = [await say(body), await say({ ...body, presence_penalty: 2, repeat_penalty: 1.5 })];

      expect(penalised).not.toBe(plain);
    });

    test('a JSON schema is kept', async () => {
      const schema = {
        type: 'object',
        properties: { count: { type: 'integer' }, kind: { enum: ['herd', 'river'] }, ready: { type: 'boolean' } },
        required: ['count', 'kind', 'ready'],
      };

      const answer = await ask('/v1/chat/completions', {
        ...question,
        max_tokens: 200,
        seed: 3,
        response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
      });

      expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({
        count: expect.any(Number),
        kind: expect.stringMatching(/^(?:herd|river)$/),
        ready: expect.any(Boolean),
      });
    });

    test('a grammar is kept', async () => {
      const answer = await say({ prompt: 'The', grammar: 'root ::= "yes" | "no"', max_tokens: 10, seed: 1 });

      expect(answer).toMatch(/^(?:yes|no)$/);
    });

    test('text becomes tokens and the same text again', async () => {
      const content = 'The herd walks. Ünïcödé 😀\n';
      const { tokens } = (await (await engine.call('/tokenize', { content })).json()) as { tokens: number[] };
      const back = (await (await engine.call('/detokenize', { tokens })).json()) as { content: string };

      expect(back.content).toBe(content);
    });

    test('a client that leaves frees its slot at once, while generating and while reading', async () => {
      const leave = new AbortController();
      const prompt = 'The herd walks '.repeat(240);

      const generating = engine.call('/v1/completions', { ...endless, max_tokens: 900, stream: true }, leave.signal);
      const reading = engine.call('/v1/completions', { prompt, max_tokens: 100, ignore_eos: true }, leave.signal);
      await (await generating).body?.getReader().read();
      leave.abort();
      await reading.catch(() => {});

      await expect.poll(async () => (await engine.slots()).busy, { timeout: AT_ONCE_MS, interval: 20 }).toBe(0);
    });

    async function slotsWhileSpeaking(): Promise<SlotsReading> {
      const leave = new AbortController();
      const body = { ...endless, max_tokens: 900, stream: true };
      const response = await engine.call('/v1/completions', body, leave.signal);
      await response.body?.getReader().read();
      const seen = await engine.slots();
      leave.abort();
      return seen;
    }

    test('a busy slot is seen to be busy and to advance', async () => {
      // Once more where the engine had said it all before it was asked.
      const seen = await until(
        () => slotsWhileSpeaking(),
        ({ slots }) => slots.some((slot) => slot.busy && (slot.tokensDecoded ?? 0) > 0),
      );

      expect(seen.total).toBe(4);
    });

    test('a prompt that does not fit is refused with both numbers', async () => {
      const response = await engine.call('/v1/completions', { prompt: 'The herd walks '.repeat(1_000) });

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: 400, type: 'exceed_context_size_error', n_ctx: 1024, n_prompt_tokens: expect.any(Number) },
      });
    });

    test('a full context ends the answer as a length', async () => {
      const answer = await ask('/v1/completions', { ...endless, seed: 1 });

      expect(answer.choices[0]?.finish_reason).toBe('length');
      expect(answer.usage['total_tokens']).toBeGreaterThan(1_000);
    });

    test('tells the probabilities of what it said, in completions and chats, whole and streamed', async () => {
      const chat = { ...question, max_tokens: 3, seed: 1, logprobs: true, top_logprobs: 2 };
      const plainBody = { ...endless, max_tokens: 3, seed: 1, logprobs: 2 };

      const whole = await ask('/v1/chat/completions', chat);
      const plain = await ask('/v1/completions', plainBody);
      const stream = await framesOf('/v1/chat/completions', chat);

      const said = whole.choices[0]?.logprobs?.content ?? [];
      expect(said).toHaveLength(3);
      expect(said.map(({ token }) => token).join('')).toBe(whole.choices[0]?.message.content);
      expect(said[0]).toMatchObject({ id: expect.any(Number), bytes: expect.any(Array), logprob: expect.any(Number) });
      expect(said.every(({ logprob, top_logprobs: [first] }) => logprob <= (first?.logprob ?? -Infinity))).toBe(true);
      expect(plain.choices[0]?.logprobs?.content[0]?.top_logprobs).toHaveLength(2);
      expect(stream.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []).map(({ id }) => id)).toEqual(
        said.map(({ id }) => id),
      );
    });

    test('answers with several choices, each its own, whole and streamed', async () => {
      const body = { ...endless, max_tokens: 12, seed: 3, n: 2 };

      const whole = await ask('/v1/completions', body);
      const stream = await framesOf('/v1/completions', body);
      const streamed = (wanted: number): string =>
        stream
          .flatMap(({ choices }) => choices.filter(({ index }) => index === wanted).map(({ text }) => text))
          .join('');

      const texts = whole.choices.map(({ text }) => text);
      expect(whole.choices.map(({ index }) => index)).toEqual([0, 1]);
      expect(new Set(texts).size).toBe(2);
      expect([streamed(0), streamed(1)].filter((text) => text.length > 10)).toHaveLength(2);
    });

    test('several prompts have a choice each', async () => {
      const prompts = ['The drover', 'A task'];

      const answer = await ask('/v1/completions', { prompt: prompts, max_tokens: 4, temperature: 0 });

      const alone = await Promise.all(prompts.map((prompt) => say({ prompt, max_tokens: 4, temperature: 0 })));
      expect(answer.choices.map(({ text: each }) => each)).toEqual(alone);
    });

    test('token numbers are a prompt too', async () => {
      const { tokens } = (await (await engine.call('/tokenize', { content: 'The drover' })).json()) as {
        tokens: number[];
      };

      expect(await say({ prompt: tokens, max_tokens: 8, temperature: 0 })).toBe(
        await say({ prompt: 'The drover', max_tokens: 8, temperature: 0 }),
      );
    });

    test('labels and nulls that clients send change nothing', async () => {
      const body = { ...endless, max_tokens: 10, seed: 2 };

      const labelled = { ...body, user: 'u1', metadata: { a: 'b' }, store: false, logprobs: null, logit_bias: null };

      expect(await say(labelled)).toBe(await say(body));
    });

    test('a token that is part of a character is told as bytes', async () => {
      const response = await engine.call('/tokenize', { content: 'ü', with_pieces: true });

      const { tokens } = (await response.json()) as { tokens: { piece: unknown }[] };
      expect(tokens.map(({ piece }) => piece)).toEqual([[0xc3], [0xbc]]);
    });

    test('a watcher sees which task a slot has or had', async () => {
      const tasks = async (): Promise<unknown[]> => {
        const slots = (await (await engine.call('/slots')).json()) as { id_task?: number }[];
        return slots.map(({ id_task }) => id_task);
      };
      const before = await tasks();

      await ask('/v1/completions', { prompt: 'The drover', max_tokens: 1 });

      expect(await tasks()).not.toEqual(before);
    });

    test('tells what it is', async () => {
      const props = (await (await engine.call('/props')).json()) as Record<string, unknown>;

      expect(props).toMatchObject({
        total_slots: 4,
        model_alias: 'demo',
        model_ftype: 'Q8_0',
        default_generation_settings: { n_ctx: 1024, params: { temperature: expect.closeTo(0.8), top_k: 40 } },
        chat_template: expect.stringContaining('messages'),
        is_sleeping: false,
      });
    });

    test.each([
      ['/v1/chat/completions', {}, 400, 'invalid_request_error'],
      ['/v1/completions', { prompt: 'x', max_tokens: 'many' }, 400, 'invalid_request_error'],
      ['/v1/completions', { prompt: 'x', max_tokens: -5 }, 400, 'invalid_request_error'],
      ['/v1/completions', { prompt: 'x', n: 5 }, 400, 'invalid_request_error'],
      ['/v1/completions', { prompt: 'x', json_schema: { type: 'nothing' } }, 400, 'invalid_request_error'],
      ['/nowhere', {}, 404, 'not_found_error'],
    ])('POST %s with %j is a clear error', async (path, body, status, type) => {
      const response = await engine.call(path, body);

      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code: status, type } });
    });

    test('counts its tokens for Prometheus', async () => {
      const metrics = await (await engine.call('/metrics')).text();

      expect(metrics).toMatch(/^llamacpp:tokens_predicted_total [1-9]\d*$/m);
      expect(metrics).toMatch(/^llamacpp:requests_processing \d+$/m);
      expect([...metrics.matchAll(/^# TYPE llamacpp:(\w+)/gm)].map(([, metric]) => metric).toSorted()).toEqual(METRICS);
    });

    test('an equal beginning is not read twice', async () => {
      const prompt = 'When the power fails, the store remembers what was done and what was not.';
      await ask('/v1/completions', { prompt, max_tokens: 1 });

      const again = await ask('/v1/completions', { prompt: `${prompt} The work goes on`, max_tokens: 1 });

      expect(again.timings['cache_n']).toBeGreaterThan(5);
    });
  });
}

describeEngine('the embedded engine', { kind: 'embedded' });

const binary = builtLlamaServer();
if (binary === null) process.stderr.write('skipped: a real llama-server (run "drover engine build")\n');
describeEngine('a real llama-server', binary === null ? null : { kind: 'llama-server', path: binary });
