/** Whatever a client sends, the reader answers with a request or with an error of the client: never a crash, never a 500. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { cpuMs } from '../../../../../test/support/cpu-time.ts';
import { loadDemoEngine } from '../../../../../test/support/demo-engine.ts';
import type { DemoEngine } from '../../../../../test/support/demo-engine.ts';
import { ApiError } from '../api-error.ts';
import { readCompletionRequest } from './completion-request.ts';
import { PARAMETERS } from './parameters.ts';

const SOMETHING = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    'auto',
    'required',
    'json_object',
    '\uD800',
    '<tool_call>',
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    2 ** 53,
    true,
    false,
    null,
    [],
    {},
  ),
  fc.string(),
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(fc.integer({ min: -5, max: 2_000 }), { maxLength: 5 }),
  fc.record(
    {
      type: fc.constantFrom('function', 'json_schema', 'json_object', 3),
      function: fc.jsonValue(),
      json_schema: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
  fc.array(
    fc.record(
      {
        role: fc.constantFrom<unknown>('user', 'assistant', 'tool', 7),
        content: fc.jsonValue(),
        tool_calls: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 3 },
  ),
);

describe('the reader of requests', () => {
  let demo: DemoEngine;
  beforeAll(async () => {
    demo = await loadDemoEngine();
  });
  afterAll(() => demo.close());

  async function statusOf(kind: 'chat' | 'text' | 'job', body: unknown): Promise<number> {
    try {
      await readCompletionRequest(kind, body, demo.engine);
      return 200;
    } catch (error) {
      if (error instanceof ApiError) return error.status;
      throw error;
    }
  }

  const soundBase = { prompt: 'The', seed: 1, max_tokens: 2 };
  const soundChat = { messages: [{ role: 'user', content: 'x' }], max_tokens: 2 };

  test.each(Object.keys(PARAMETERS))('%s of any type is read or refused', async (name) => {
    const kind = ['messages', 'tools', 'tool_choice', 'top_logprobs'].includes(name) ? 'chat' : 'text';
    const base = kind === 'chat' ? soundChat : soundBase;
    await fc.assert(
      fc.asyncProperty(SOMETHING, async (value) => {
        expect([200, 400]).toContain(await statusOf(kind, { ...base, [name]: value }));
      }),
      { numRuns: 40 },
    );
  });

  test('any value at all is read or refused', async () => {
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...Object.keys(PARAMETERS)), SOMETHING));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('chat', 'text', 'job'), body, async (kind, value) => {
        expect([200, 400]).toContain(await statusOf(kind, value));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    { temperature: 1e-30 },
    { temperature: 1000, top_p: 0, min_p: 1 },
    { repeat_penalty: 0.01, repeat_last_n: -1 },
    { logit_bias: { '1': 1_000_000, '2': -1_000_000 } },
    { dry_multiplier: 1000, dry_base: 100 },
    { xtc_probability: 1, xtc_threshold: 0 },
  ])('at the edge, with %j, tokens still come', async (edge) => {
    const answer = await demo.ask({ ...soundBase, ...edge, max_tokens: 20, ignore_eos: true });

    expect(answer.tokens).toBe(20);
  });

  test('a text that is far too long is refused before it is tokenised', async () => {
    const read = () => readCompletionRequest('text', { prompt: 'x '.repeat(5_000_000) }, demo.engine);

    const ms = await cpuMs(() => expect(read()).rejects.toMatchObject({ type: 'exceed_context_size_error' }));

    expect(ms).toBeLessThan(1_000);
  });

  test.each(['root ::= root "a" | "b"', 'root ::= other', 'nothing', ' ', 'root ::= "a'])(
    'the grammar %j, which the library cannot use, is refused and not left out',
    async (grammar) => {
      expect(await statusOf('text', { ...soundBase, grammar })).toBe(400);
    },
  );

  test('a schema that begins with itself is refused', async () => {
    const schema = { anyOf: [{ $ref: '#' }, { type: 'string' }] };

    expect(await statusOf('text', { ...soundBase, json_schema: schema })).toBe(400);
  });

  test('two spellings of one limit must agree', async () => {
    expect(await statusOf('text', { prompt: 'x', max_tokens: 3, n_predict: 3 })).toBe(200);
    expect(await statusOf('text', { prompt: 'x', max_tokens: 3, n_predict: 4 })).toBe(400);
  });

  test('each prompt has its choices, each choice its seed', async () => {
    const { generations, promptTokens } = await readCompletionRequest(
      'text',
      { prompt: ['The', [1, 2, 3]], n: 2, seed: 7 },
      demo.engine,
    );

    expect(generations.map(({ prompt, sampling }) => [prompt.length, sampling.seed])).toEqual([
      [1, 7],
      [1, 8],
      [3, 7],
      [3, 8],
    ]);
    expect(promptTokens).toBe(4);
  });
});
