/** Times of a chat, by a clock that the test holds. */

import { expect, test } from 'vitest';

import type { ChatEvent } from '../../../client/index.ts';
import { TestClock } from '../../../kernel/clock.ts';
import { median, timeChat } from './chat-timing.ts';

test('the first token is timed by itself, and the rate leaves it out', async () => {
  const clock = new TestClock();
  async function* chat(): AsyncGenerator<ChatEvent> {
    yield { kind: 'opened', queuedMs: 0, instance: 'a' };
    await clock.advance(400);
    yield { kind: 'text', text: 'one ' };
    await clock.advance(2_000);
    yield { kind: 'text', text: 'two' };
    yield { kind: 'ended', finishReason: 'stop', usage: { promptTokens: 7, completionTokens: 21 } };
  }

  expect(await timeChat({ chat }, clock, { model: 'm', messages: [] })).toEqual({
    text: 'one two',
    ttftMs: 400,
    totalMs: 2_400,
    promptTokens: 7,
    completionTokens: 21,
    tokensPerSecond: 10,
  });
});

test('an answer without text has no rate', async () => {
  async function* chat(): AsyncGenerator<ChatEvent> {
    yield { kind: 'ended', finishReason: 'stop', usage: null };
  }

  expect(await timeChat({ chat }, new TestClock(), { model: 'm', messages: [] })).toMatchObject({
    ttftMs: null,
    tokensPerSecond: null,
  });
});

test('the median leaves out what is not known', () => {
  expect([median([3, null, 1, 2]), median([null]), median([1, 9])]).toEqual([2, null, 1]);
});
