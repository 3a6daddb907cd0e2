import { expect, test } from 'vitest';

import { readChat } from './chat-prompt.ts';

const tokens = { bos: '<s>', eos: '</s>' };

test('parts of text become one text', () => {
  const content = [
    { type: 'text', text: 'Hello ' },
    { type: 'text', text: 'there' },
  ];

  const { variables } = readChat({ messages: [{ role: 'user', content }] }, tokens);

  expect(variables).toMatchObject({
    messages: [{ role: 'user', content: 'Hello there' }],
    add_generation_prompt: true,
    bos_token: '<s>',
  });
});

test('a last assistant message is continued', () => {
  const messages = [
    { role: 'user', content: 'Count' },
    { role: 'assistant', content: 'One, two' },
  ];

  const chat = readChat({ messages }, tokens);

  expect(chat.prefill).toBe('One, two');
  expect(chat.variables['messages']).toEqual([{ role: 'user', content: 'Count' }]);
});

test('arguments of tool calls are given to the template as data', () => {
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };

  const { variables } = readChat({ messages: [{ role: 'assistant', content: null, tool_calls: [call] }] }, tokens);

  expect(variables['messages']).toEqual([
    { role: 'assistant', content: '', tool_calls: [{ ...call, function: { name: 'f', arguments: { a: 1 } } }] },
  ]);
});

test('tools reach the template unless the client wants none called', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }];
  const messages = [{ role: 'user', content: 'x' }];

  expect(readChat({ messages, tools }, tokens).variables['tools']).toBe(tools);
  expect(readChat({ messages, tools, tool_choice: 'none' }, tokens).variables['tools']).toBeUndefined();
});

test.each([
  [{}, "'messages' is required"],
  [{ messages: 'hi' }, '"messages" must be a list'],
  [{ messages: [{ content: 'x' }] }, 'messages[0] has no "role"'],
  [{ messages: [{ role: 'user', content: 3 }] }, 'messages[0].content must be'],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'content of type "image_url" is not supported'],
])('the body %j is refused by name', (body, message) => {
  expect(() => readChat(body, tokens)).toThrow(message);
});
