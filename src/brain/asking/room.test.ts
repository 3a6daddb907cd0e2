import { expect, test } from 'vitest';

import { DEFAULT_MAX_TOKENS, leastTokens, roomFor } from './room.ts';

test('a prompt that cannot fit is told with the arithmetic', () => {
  const room = roomFor({ model: 'demo', text: 'word '.repeat(1_600), maxTokens: 200, contextTokens: 1_024 });

  expect(room).toEqual({
    kind: 'too-long',
    reason:
      'too long for demo: at least 1000 tokens of prompt (8000 bytes) + 200 of answer = 1200, and its context has 1024',
  });
});

test('an answer as long as the context leaves no room for a prompt', () => {
  expect(roomFor({ model: 'demo', text: 'x', maxTokens: 512, contextTokens: 512 }).kind).toBe('too-long');
});

test('the length that nobody asked for gives way to the prompt', () => {
  const text = 'word '.repeat(160);

  expect(roomFor({ model: 'demo', text, contextTokens: 512 })).toEqual({ kind: 'fits', maxTokens: 412 });
  expect(roomFor({ model: 'demo', text, contextTokens: 8_192 })).toEqual({
    kind: 'fits',
    maxTokens: DEFAULT_MAX_TOKENS,
  });
});

test('where nobody knows the context, the engine will say', () => {
  expect(roomFor({ model: 'far', text: 'x'.repeat(9_000_000), maxTokens: 9, contextTokens: null })).toEqual({
    kind: 'fits',
    maxTokens: 9,
  });
});

test('a run of one character counts once', () => {
  expect(leastTokens(`a${'='.repeat(8_000)}${' '.repeat(8_000)}b`)).toBe(1);
});
