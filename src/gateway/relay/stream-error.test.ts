import { expect, test } from 'vitest';

import { streamErrorIn } from './stream-error.ts';

const frame = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const token = (text: string): string => frame({ choices: [{ index: 0, delta: { content: text } }] });

test('an error takes the place of what was still to come: its words, its status, and what came before it', () => {
  const error = { code: 503, message: 'out of memory', type: 'unavailable_error' };

  const found = streamErrorIn(Buffer.from(`${token('hi')}${frame({ error })}data: [DONE]\n\n`));

  expect(found).toMatchObject({ message: 'out of memory', status: 503 });
  expect(found?.before.toString()).toBe(token('hi'));
  expect(JSON.parse(found?.body.toString() ?? '')).toEqual({ error });
});

test.each([
  ['by its words alone', frame({ error: 'no GPU' }), 'no GPU', 500],
  ['with a code that is a word', frame({ error: { code: 'oops', message: 'no' } }), 'no', 500],
  ['without words', frame({ error: {} }), 'it told an error and no reason', 500],
])('it may be told %s', (_, frames, message, status) => {
  expect(streamErrorIn(Buffer.from(frames))).toMatchObject({ message, status });
});

test.each([
  ['text of a model', token('data: {"error":{"message":"no"}}\n\n')],
  ['a field that is empty', frame({ choices: [], error: null })],
  ['a field of something else', frame({ choices: [{ delta: { content: '', error: { message: 'no' } } }] })],
  ['a comment', ': {"error":{"message":"no"}}\n\n'],
])('%s is no error', (_, frames) => {
  expect(streamErrorIn(Buffer.from(frames))).toBeNull();
});
