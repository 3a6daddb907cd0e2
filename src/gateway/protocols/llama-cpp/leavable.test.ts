import { expect, test } from 'vitest';

import type { EngineCall } from '../call.ts';
import { leavable } from './leavable.ts';

const call = (fields: object, path = '/v1/chat/completions'): EngineCall => ({
  path,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(fields)),
  streamEnd: 'data: [DONE]',
  telling: null,
});
const whole = { stream: false, maxTokens: null };
const messages = [{ role: 'user', content: 'hello' }];

test('what is wanted whole is asked of a llama-server as a stream that tells of itself', () => {
  const asked = leavable(call({ messages, stream: false, return_progress: true }), 'llama-server', whole);

  expect(JSON.parse(asked.body.toString())).toEqual({
    messages,
    stream: true,
    stream_options: { include_usage: true },
    return_progress: true,
  });
  expect(asked.fold).toBeDefined();
});

test.each([
  ['another engine', call({ messages }), 'embedded', whole],
  ['what is over at once', call({ messages }), 'llama-server', { stream: false, maxTokens: 16 }],
  ['what is no completion', call({ input: 'a' }, '/v1/embeddings'), 'llama-server', whole],
  ['several prompts', call({ prompt: ['a', 'b'] }, '/v1/completions'), 'llama-server', whole],
  ['several answers of its own', call({ prompt: 'a', n: 2 }, '/completion'), 'llama-server', whole],
  ['chosen fields', call({ prompt: 'a', response_fields: ['content'] }, '/completion'), 'llama-server', whole],
] as const)('left as it is: %s', (_, asked, kind, wanted) => {
  expect(leavable(asked, kind, wanted)).toBe(asked);
});

test('a long prompt is never brief', () => {
  const long = call({ messages: [{ role: 'user', content: 'x'.repeat(3_000) }] });

  expect(leavable(long, 'llama-server', { stream: false, maxTokens: 1 }).fold).toBeDefined();
});
