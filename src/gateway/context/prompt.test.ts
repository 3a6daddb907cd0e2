import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { JSON_TYPE } from '../protocols/call.ts';
import type { EngineCall } from '../protocols/call.ts';
import { promptOf, surelyFits, surelyTooLong } from './prompt.ts';

function call(path: string, fields: object): EngineCall {
  return { path, contentType: JSON_TYPE, body: Buffer.from(JSON.stringify(fields)), streamEnd: '', telling: null };
}

const chat = (content: unknown): EngineCall => call('/v1/chat/completions', { messages: [{ role: 'user', content }] });

describe('the prompt of a request', () => {
  test('is what the template is filled with, or the texts themselves', () => {
    expect(promptOf(chat('hello'))).toEqual({ kind: 'chat', chat: { messages: [{ role: 'user', content: 'hello' }] } });
    expect(promptOf(call('/v1/completions', { prompt: 'once' }))).toEqual({ kind: 'texts', texts: ['once'] });
    expect(promptOf(call('/completion', { prompt: 'once' }))).toEqual({ kind: 'texts', texts: ['once'] });
    expect(promptOf(call('/v1/embeddings', { input: ['a', 'b'] }))).toEqual({ kind: 'texts', texts: ['a', 'b'] });
  });

  test('is not known where only the engine can tell: pictures, token numbers, other endpoints', () => {
    const picture = { type: 'image_url', image_url: { url: 'data:' } };

    expect(promptOf(chat([{ type: 'text', text: 'what is this?' }, picture]))).toBeNull();
    expect(promptOf(call('/v1/embeddings', { input: [1, 2, 3] }))).toBeNull();
    expect(promptOf(call('/v1/rerank', { query: 'q', documents: [] }))).toBeNull();
  });
});

describe('what bytes say', () => {
  /** As many tokens as there can be, and as few: every byte one, and every one as long as any. */
  test('never contradicts a tokeniser, however it cuts the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        (text, size) => {
          const asked = chat(text);
          const range = { smallest: size, roomiest: size };
          const prompt = promptOf(asked);
          const most = Buffer.byteLength(text);
          const least = Math.ceil(most / 512);

          expect(surelyFits(asked.body.length, range) && most >= size).toBe(false);
          expect(prompt !== null && surelyTooLong(prompt, range) && least < size).toBe(false);
        },
      ),
    );
  });

  test('settles what is short for the tightest instance and long for the roomiest', () => {
    const range = { smallest: 4_096, roomiest: 8_192 };
    const huge = promptOf(chat('x'.repeat(8_192 * 512)));

    expect(surelyFits(1_000, range)).toBe(true);
    expect(surelyFits(4_096, range)).toBe(false);
    expect(huge !== null && surelyTooLong(huge, range)).toBe(true);
  });
});
