import { expect, test } from 'vitest';

import type { Ending } from '../batching/generation.ts';
import { streamEnd, streamFrames, wholeReply } from './replies.ts';

const identity = { id: 'chatcmpl-1', created: 5, model: 'demo', fingerprint: 'b1', promptTokens: 10 } as const;
const speller = { detokenize: (tokens: readonly number[]) => `t${tokens.join()}`, bytesOf: () => Uint8Array.of(1) };
const timings = { cachedTokens: 4, promptTokens: 6, promptMs: 3, predictedTokens: 2, predictedMs: 4 };
const ending: Ending = { kind: 'limit', stoppingWord: '', promptTokens: 10, timings, slot: 0 };

/** The events of a stream. */
function events(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => frame.slice('data: '.length))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
}

test('a whole chat answer has text, finish reason, usage and timings', () => {
  expect(
    wholeReply({ ...identity, kind: 'chat' }, [{ text: 'Hi', calls: [], said: null, ending }], speller),
  ).toMatchObject({
    object: 'chat.completion',
    choices: [{ index: 0, finish_reason: 'length', message: { role: 'assistant', content: 'Hi' } }],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 2,
      total_tokens: 12,
      prompt_tokens_details: { cached_tokens: 4 },
    },
    timings: { cache_n: 4, prompt_n: 6, predicted_n: 2, predicted_per_second: 500 },
  });
});

test('a stream opens with the role, carries text, and ends with a reason and [DONE]', () => {
  const frames = streamFrames({ ...identity, kind: 'chat' }, 0);

  const all = events(
    frames.opening +
      frames.text('"quoted"\n', null, null) +
      frames.closing(ending, 0) +
      streamEnd({ ...identity, kind: 'chat' }, [ending], false),
  );

  expect(all).toMatchObject([
    { choices: [{ delta: { role: 'assistant', content: null }, finish_reason: null }] },
    { choices: [{ delta: { content: '"quoted"\n' } }], id: 'chatcmpl-1', object: 'chat.completion.chunk' },
    { choices: [{ delta: {}, finish_reason: 'length' }], timings: { predicted_n: 2 } },
    '[DONE]',
  ]);
});

test('the stop text that was met is named, whole and streamed', () => {
  const stopped: Ending = { ...ending, kind: 'word', stoppingWord: 'END' };
  const chat = { ...identity, kind: 'chat' } as const;

  const whole = wholeReply(chat, [{ text: 'Hi', calls: [], said: null, ending: stopped }], speller);
  const [closing] = events(streamFrames(chat, 0).closing(stopped, 0));

  const named = { choices: [{ finish_reason: 'stop', stop_reason: 'END' }] };
  expect([whole, closing]).toMatchObject([named, named]);
});

test('usage comes in a frame of its own when asked for', () => {
  const frames = streamFrames({ ...identity, kind: 'chat' }, 0);

  const all = events(frames.closing(ending, 0) + streamEnd({ ...identity, kind: 'chat' }, [ending], true));

  expect(all[1]).toMatchObject({ choices: [], usage: { total_tokens: 12 } });
});

test('a text stream has texts for deltas', () => {
  const frames = streamFrames({ ...identity, kind: 'text' }, 0);

  const all = events(
    frames.opening +
      frames.text('a', null, timings) +
      frames.closing(ending, 0) +
      streamEnd({ ...identity, kind: 'text' }, [ending], false),
  );

  expect(all).toMatchObject([
    { choices: [{ text: 'a', finish_reason: null }], object: 'text_completion', timings: { predicted_n: 2 } },
    { choices: [{ text: '', finish_reason: 'length' }], usage: { total_tokens: 12 } },
    '[DONE]',
  ]);
});

test('several choices are told apart, and their tokens counted together', () => {
  const choice = { text: 'Hi', calls: [], said: null, ending };

  expect(wholeReply({ ...identity, kind: 'text' }, [choice, { ...choice, text: 'Ho' }], speller)).toMatchObject({
    choices: [
      { index: 0, text: 'Hi' },
      { index: 1, text: 'Ho' },
    ],
    usage: { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
  });
});

test('a call is the reason to end, and its answer has no text', () => {
  const call = { id: 'call_1', name: 'f', arguments: '{}' };
  const over: Ending = { ...ending, kind: 'eos' };

  expect(
    wholeReply({ ...identity, kind: 'chat' }, [{ text: '', calls: [call], said: null, ending: over }], speller),
  ).toMatchObject({
    choices: [
      {
        finish_reason: 'tool_calls',
        message: { content: null, tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{}' } }] },
      },
    ],
  });
});

test('probabilities name token, bytes and the likeliest others', () => {
  const said = [{ token: 5, logprob: -0.5, top: [{ token: 6, logprob: -Infinity }] }];

  expect(wholeReply({ ...identity, kind: 'text' }, [{ text: 'a', calls: [], said, ending }], speller)).toMatchObject({
    choices: [
      {
        logprobs: {
          content: [{ id: 5, token: 't5', bytes: [1], logprob: -0.5, top_logprobs: [{ id: 6, logprob: -9999 }] }],
        },
      },
    ],
  });
});
