/** A stream of llama-server put together is what it answers when it is not asked to stream. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Fold } from '../call.ts';
import { WholeChoices, WholeNative } from './whole-answer.ts';

interface Said {
  readonly thought: string;
  readonly text: string;
  readonly calls: readonly string[];
  readonly reason: string;
  readonly withOdds: boolean;
}

const words = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'é', '€', '🐑', ' data:'), maxLength: 10 });
const said: fc.Arbitrary<Said> = fc.record({
  thought: words,
  text: words,
  calls: fc.array(words, { maxLength: 3 }),
  reason: fc.constantFrom('stop', 'length', 'tool_calls'),
  withOdds: fc.boolean(),
});

const face = { created: 1, model: 'm', system_fingerprint: 'b1' };
const usage = { completion_tokens: 3, prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 4 } };
const timings = { cache_n: 4, prompt_n: 6, predicted_n: 3 };
const frame = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const odds = (text: string) => ({ content: [...text].map((token) => ({ token, logprob: -1, top_logprobs: [] })) });

function wholeChat(answers: readonly Said[]): object {
  const choices = answers.map(({ thought, text, calls, reason, withOdds }, index) => ({
    finish_reason: reason,
    index,
    message: {
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      ...(thought === '' ? {} : { reasoning_content: thought }),
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
    },
    ...(withOdds && text !== '' ? { logprobs: odds(text) } : {}),
  }));
  return { choices, ...face, object: 'chat.completion', usage, id: 'c1', timings };
}

const toolCall = (args: string, at: number) => ({
  type: 'function',
  function: { name: `tool${at}`, arguments: args },
  id: `call${at}`,
});

/** Letter by letter, one choice in turn with the others. */
function streamedChat(answers: readonly Said[]): string {
  const chunk = (choice: object): string =>
    frame({ choices: [choice], ...face, id: 'c1', object: 'chat.completion.chunk' });
  const pieces = answers.map((answer, index) =>
    deltasOf(answer).map((delta) => ({ index, finish_reason: null, ...delta })),
  );
  const longest = Math.max(...pieces.map(({ length }) => length));
  const inTurn = Array.from({ length: longest }, (_, at) => pieces.flatMap((of) => of[at] ?? [])).flat();
  const ends = answers.map(({ reason }, index) => ({ finish_reason: reason, index, delta: {} }));
  const last = frame({ choices: [], ...face, id: 'c1', object: 'chat.completion.chunk', usage, timings });
  return `${[...inTurn, ...ends].map(chunk).join(': ping\n\n')}${last}data: [DONE]\n\n`;
}

function deltasOf({ thought, text, calls, withOdds }: Said): readonly object[] {
  return [
    { delta: { role: 'assistant', content: null } },
    ...[...thought].map((letter) => ({ delta: { reasoning_content: letter } })),
    ...[...text].map((letter) => ({ delta: { content: letter }, ...(withOdds ? { logprobs: odds(letter) } : {}) })),
    ...calls.flatMap((args, at) => callDeltas(args, at)),
  ];
}

function callDeltas(args: string, index: number): readonly object[] {
  const { id, type, function: named } = toolCall('', index);
  const delta = (call: object): object => ({ delta: { tool_calls: [{ index, ...call }] } });
  return [
    delta({ id, type, function: named }),
    ...[...args].map((letter) => delta({ function: { arguments: letter } })),
  ];
}

function folded(fold: Fold, stream: string, cuts: readonly number[]): ReturnType<Fold['end']> {
  const bytes = Buffer.from(stream);
  const ends = [...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  ends.forEach((end, at) => fold.push(bytes.subarray(ends[at - 1] ?? 0, end)));
  return fold.end();
}

const cuts = fc.array(fc.nat(5_000), { maxLength: 20 });

describe('a streamed completion', () => {
  test('is the whole one, with every choice, call and logprob in its place', () => {
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 3 }), cuts, (answers, at) => {
        const answer = folded(new WholeChoices(), streamedChat(answers), at);

        expect(JSON.parse(answer?.toString() ?? '')).toEqual(wholeChat(answers));
      }),
    );
  });

  test('of text is the whole one', () => {
    const piece = (text: string, finish_reason: string | null, more: object = {}): string =>
      frame({
        choices: [{ text, index: 0, logprobs: null, finish_reason }],
        ...face,
        object: 'text_completion',
        ...more,
      });
    const stream = piece('The', null) + piece(' herd', null) + piece('', 'stop', { usage, id: 'c1', timings });

    const answer = folded(new WholeChoices(), `${stream}data: [DONE]\n\n`, []);

    const choices = [{ text: 'The herd', index: 0, logprobs: null, finish_reason: 'stop' }];
    expect(answer?.toString()).toBe(
      JSON.stringify({ choices, ...face, object: 'text_completion', usage, id: 'c1', timings }),
    );
  });

  test('that broke off is no answer, wherever it did', () => {
    const stream = streamedChat([{ thought: '', text: 'two', calls: [], reason: 'stop', withOdds: false }]);
    const untilUsage = stream.slice(0, stream.indexOf('"usage"'));

    expect(folded(new WholeChoices(), untilUsage, [])).toBeNull();
    expect(folded(new WholeChoices(), '', [])).toBeNull();
  });
});

describe("a streamed completion of llama.cpp's own", () => {
  const piece = (content: string, token: number): string =>
    frame({ index: 0, content, tokens: [token], stop: false, completion_probabilities: [{ id: token }] });
  const last = {
    index: 0,
    content: '',
    tokens: [],
    stop: true,
    generation_settings: { seed: 1, stream: true },
    timings,
  };
  const stream = piece('The', 5) + piece(' herd', 6) + frame(last);

  test('is the whole one', () => {
    const answer = folded(new WholeNative(true), stream, [7, 90]);

    expect(JSON.parse(answer?.toString() ?? '')).toEqual({
      ...last,
      content: 'The herd',
      tokens: [5, 6],
      generation_settings: { seed: 1, stream: false },
      completion_probabilities: [{ id: 5 }, { id: 6 }],
    });
  });

  test('has no token numbers that nobody asked for', () => {
    const answer = folded(new WholeNative(false), stream, []);

    expect(JSON.parse(answer?.toString() ?? '')).toMatchObject({ content: 'The herd', tokens: [] });
  });
});
