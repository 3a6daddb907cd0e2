/** Nothing that a client asks for is silently left out: each field has an effect, is a mere label, or is refused. */

import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadDemoEngine } from '../../../../../test/support/demo-engine.ts';
import type { DemoEngine, Said } from '../../../../../test/support/demo-engine.ts';
import { checkParameters, PARAMETERS } from './parameters.ts';

const names = (kind: string): readonly string[] =>
  Object.entries(PARAMETERS).flatMap(([name, parameter]) => (parameter.kind === kind ? [name] : []));

const free = { prompt: 'The drover and the drover and the drover', seed: 5, max_tokens: 60, ignore_eos: true };
const chat = { messages: [{ role: 'user', content: 'Tell me about the herd.' }], seed: 5, max_tokens: 40 };
const flat = { ...free, temperature: 1.5, top_k: 0, top_p: 1, min_p: 0 };
const dry = { ...free, dry_multiplier: 4, temperature: 0 };
const xtc = { ...flat, xtc_probability: 1 };

/** Two requests that differ in the named field only, and are answered differently. */
const EFFECTS: Readonly<Record<string, readonly [object, object]>> = {
  max_tokens: [free, { ...free, max_tokens: 7 }],
  max_completion_tokens: [chat, { ...chat, max_tokens: undefined, max_completion_tokens: 3 }],
  n_predict: [free, { ...free, max_tokens: undefined, n_predict: 7 }],
  stop: [free, { ...free, stop: [' '] }],
  ignore_eos: [
    { ...free, ignore_eos: false, max_tokens: 500 },
    { ...free, max_tokens: 500 },
  ],
  temperature: [free, { ...free, temperature: 0 }],
  top_k: [flat, { ...flat, top_k: 1 }],
  top_p: [flat, { ...flat, top_p: 0.01 }],
  min_p: [flat, { ...flat, min_p: 1 }],
  seed: [free, { ...free, seed: 6 }],
  repeat_penalty: [free, { ...free, repeat_penalty: 2 }],
  repeat_last_n: [
    { ...free, repeat_penalty: 2 },
    { ...free, repeat_penalty: 2, repeat_last_n: 1 },
  ],
  presence_penalty: [free, { ...free, presence_penalty: 2 }],
  frequency_penalty: [free, { ...free, frequency_penalty: 2 }],
  xtc_probability: [flat, xtc],
  xtc_threshold: [xtc, { ...xtc, xtc_threshold: 0.01 }],
  dry_multiplier: [
    { ...free, temperature: 0, max_tokens: 300 },
    { ...dry, max_tokens: 300 },
  ],
  dry_base: [
    { ...dry, max_tokens: 300, dry_multiplier: 0.05, dry_base: 1 },
    { ...dry, max_tokens: 300, dry_multiplier: 0.05, dry_base: 50 },
  ],
  dry_allowed_length: [
    { ...dry, max_tokens: 300 },
    { ...dry, max_tokens: 300, dry_allowed_length: 30 },
  ],
  dry_penalty_last_n: [
    { ...dry, max_tokens: 300 },
    { ...dry, max_tokens: 300, dry_penalty_last_n: 3 },
  ],
  dry_sequence_breakers: [
    { ...dry, max_tokens: 300 },
    { ...dry, max_tokens: 300, dry_sequence_breakers: ['a', ' '] },
  ],
  logit_bias: [free, { ...free, logit_bias: { ' ': 50 } }],
  grammar: [free, { ...free, ignore_eos: false, grammar: 'root ::= "yes"' }],
  json_schema: [free, { ...free, ignore_eos: false, json_schema: { enum: [1, 2] } }],
  response_format: [free, { ...free, ignore_eos: false, max_tokens: 3, response_format: { type: 'json_object' } }],
  messages: [chat, { ...chat, messages: [{ role: 'user', content: 'Who?' }] }],
  prompt: [free, { ...free, prompt: 'Who?' }],
  add_generation_prompt: [chat, { ...chat, add_generation_prompt: false }],
  tools: [
    { ...chat, tools: [tool('f')], tool_choice: 'required' },
    { ...chat, tools: [tool('g')], tool_choice: 'required' },
  ],
  tool_choice: [
    { ...chat, tools: [tool('f')] },
    { ...chat, tools: [tool('f')], tool_choice: 'required' },
  ],
};

/** An answer without what depends on the requests before it. */
function saidOf({ text, ending, tokens, promptTokens }: Said): object {
  return { text, ending, tokens, promptTokens };
}

function tool(name: string): object {
  return { type: 'function', function: { name } };
}

/** What changes the shape of an answer and not its text; test/e2e/llama-server/engines.test.ts holds these. */
const SHAPES = [
  'model',
  'job_id',
  'stream',
  'stream_options',
  'timings_per_token',
  'n',
  'n_cmpl',
  'cache_prompt',
  'logprobs',
  'top_logprobs',
  'n_probs',
  'parallel_tool_calls',
];
/** What is given to the model's template; chat-prompt.test.ts holds these. */
const TEMPLATES = ['chat_template_kwargs', 'reasoning_effort'];

describe('the fields of a request', () => {
  let demo: DemoEngine;
  beforeAll(async () => {
    demo = await loadDemoEngine();
  });
  afterAll(() => demo.close());
  const ask = (body: object): Promise<Said> => demo.ask(body, 'messages' in body ? 'chat' : 'text');

  test.each(Object.entries(EFFECTS))('%s changes what is said', async (_, [without, withIt]) => {
    const [one, other] = [await ask(without), await ask(withIt)];

    expect(saidOf(other)).not.toEqual(saidOf(one));
  });

  test.each(names('label'))('%s is a label and changes nothing', async (name) => {
    const [one, other] = [await ask(free), await ask({ ...free, [name]: 'x' })];

    expect(saidOf(other)).toEqual(saidOf(one));
  });

  test('cache_prompt decides whether a beginning is read again', async () => {
    await ask(free);

    expect((await ask({ ...free, cache_prompt: false })).cachedTokens).toBe(0);
    expect((await ask(free)).cachedTokens).toBeGreaterThan(3);
  });
});

test('every field that is read is held by a test', () => {
  const held = new Set([...Object.keys(EFFECTS), ...SHAPES, ...TEMPLATES]);

  expect(names('read').filter((name) => !held.has(name))).toEqual([]);
});

test.each(names('refused'))('%s is refused by name, and its neutral values and null are not', (name) => {
  const parameter = PARAMETERS[name];
  const off = parameter?.kind === 'refused' ? parameter.off : [];

  expect(() => checkParameters('text', { [name]: 'something' })).toThrow(`"${name}" is not supported`);
  for (const value of [null, ...off]) expect(() => checkParameters('text', { [name]: value })).not.toThrow();
});

test('an unknown field is refused with a near one', () => {
  expect(() => checkParameters('text', { max_tokns: 3 })).toThrow('"max_tokns" is unknown; did you mean "max_tokens"');
  expect(() => checkParameters('text', { constructor: 3 })).toThrow('"constructor" is unknown');
});

test('a field of another endpoint is refused', () => {
  expect(() => checkParameters('text', { messages: [] })).toThrow('"messages" has no meaning here');
  expect(() => checkParameters('chat', { prompt: 'x' })).toThrow('"prompt" has no meaning here');
});

test('the page tells of every field', () => {
  const page = readFileSync(new URL('../../../../../docs/embedded-engine.md', import.meta.url), 'utf8');

  expect(Object.keys(PARAMETERS).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
