import { expect, test } from 'vitest';

import type { Ending } from './generation.ts';
import { streamFrames, wholeReply } from './replies.ts';

const identity = { id: 'chatcmpl-1', created: 5, model: 'demo', fingerprint: 'b1' } as const;
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
  expect(wholeReply({ ...identity, kind: 'chat' }, 'Hi', ending)).toMatchObject({
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
  const frames = streamFrames({ ...identity, kind: 'chat' });

  const all = events(frames.opening + frames.text('"quoted"\n', null) + frames.closing(ending, false));

  expect(all).toMatchObject([
    { choices: [{ delta: { role: 'assistant', content: null }, finish_reason: null }] },
    { choices: [{ delta: { content: '"quoted"\n' } }], id: 'chatcmpl-1', object: 'chat.completion.chunk' },
    { choices: [{ delta: {}, finish_reason: 'length' }], timings: { predicted_n: 2 } },
    '[DONE]',
  ]);
});

test('usage comes in a frame of its own when asked for', () => {
  const frames = streamFrames({ ...identity, kind: 'chat' });

  const all = events(frames.closing(ending, true));

  expect(all[1]).toMatchObject({ choices: [], usage: { total_tokens: 12 } });
});

test('a text stream has texts for deltas', () => {
  const frames = streamFrames({ ...identity, kind: 'text' });

  const all = events(frames.opening + frames.text('a', timings) + frames.closing(ending, false));

  expect(all).toMatchObject([
    { choices: [{ text: 'a', finish_reason: null }], object: 'text_completion', timings: { predicted_n: 2 } },
    { choices: [{ text: '', finish_reason: 'length' }], usage: { total_tokens: 12 } },
    '[DONE]',
  ]);
});
