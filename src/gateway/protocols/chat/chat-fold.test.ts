import { expect, test } from 'vitest';

import { ChatFold } from './chat-fold.ts';

const frame = (chunk: object): Buffer => Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
const piece = (delta: object, reason: string | null = null): Buffer =>
  frame({ model: 'demo', choices: [{ index: 0, delta, finish_reason: reason }] });

test('a stream becomes the answer that the engine would have given whole', () => {
  const fold = new ChatFold();

  fold.push(piece({ role: 'assistant', content: null }));
  fold.push(Buffer.concat([piece({ content: 'two \u5b57' }), piece({ content: ' llamas' })]));
  fold.push(piece({}, 'length'));
  fold.push(frame({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } }));
  fold.push(Buffer.from('data: [DONE]\n\n'));

  expect(JSON.parse(fold.end().toString())).toMatchObject({
    model: 'demo',
    choices: [{ message: { role: 'assistant', content: 'two \u5b57 llamas' }, finish_reason: 'length' }],
    usage: { prompt_tokens: 7, completion_tokens: 3 },
  });
});
