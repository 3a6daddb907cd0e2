import { expect, test } from 'vitest';

import { readChat } from './chat-prompt.ts';

const sheet = { template: '{{ messages }}', bos: '<s>', eos: '</s>' };

test('parts of text become one text', () => {
  const content = [
    { type: 'text', text: 'Hello ' },
    { type: 'text', text: 'there' },
  ];

  const { variables } = readChat({ messages: [{ role: 'user', content }] }, sheet, []);

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

  const chat = readChat({ messages }, sheet, []);

  expect(chat.prefill).toBe('One, two');
  expect(chat.variables['messages']).toEqual([{ role: 'user', content: 'Count' }]);
});

test('arguments of tool calls are given to the template as data', () => {
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };

  const { variables } = readChat({ messages: [{ role: 'assistant', content: null, tool_calls: [call] }] }, sheet, []);

  expect(variables['messages']).toEqual([
    { role: 'assistant', content: '', tool_calls: [{ ...call, function: { name: 'f', arguments: { a: 1 } } }] },
  ]);
});

test('tools reach the template', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }];
  const messages = [{ role: 'user', content: 'x' }];

  expect(readChat({ messages }, sheet, tools).variables['tools']).toBe(tools);
  expect(readChat({ messages }, sheet, []).variables['tools']).toBeUndefined();
});

test('a developer is a system to templates', () => {
  const { variables } = readChat({ messages: [{ role: 'developer', content: 'x' }] }, sheet, []);

  expect(variables['messages']).toEqual([{ role: 'system', content: 'x' }]);
});

test('an effort is told to a template that knows of it, and refused otherwise', () => {
  const body = { messages: [{ role: 'user', content: 'x' }], reasoning_effort: 'low' };
  const thinking = { ...sheet, template: '{{ reasoning_effort }} {{ enable_thinking }}' };

  expect(readChat(body, thinking, []).variables['reasoning_effort']).toBe('low');
  expect(readChat({ ...body, reasoning_effort: 'none' }, thinking, []).variables['enable_thinking']).toBe(false);
  expect(() => readChat(body, sheet, [])).toThrow('"reasoning_effort" low is nothing the template');
});

test('what a client gives its template does not replace the messages', () => {
  const body = { messages: [{ role: 'user', content: 'x' }], chat_template_kwargs: { messages: [], tone: 'dry' } };

  expect(readChat(body, sheet, []).variables).toMatchObject({ messages: [{ content: 'x' }], tone: 'dry' });
});

test.each([
  [{}, "'messages' is required"],
  [{ messages: 'hi' }, '"messages" must be a list'],
  [{ messages: [{ content: 'x' }] }, 'messages[0] has no "role"'],
  [{ messages: [{ role: 'user', content: 3 }] }, 'messages[0].content must be'],
  [{ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'content of type "image_url" is not supported'],
])('the body %j is refused by name', (body, message) => {
  expect(() => readChat(body, sheet, [])).toThrow(message);
});
