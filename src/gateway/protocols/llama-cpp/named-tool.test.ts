import { expect, test } from 'vitest';

import type { EngineCall } from '../call.ts';
import { withToolAlone } from './named-tool.ts';

const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } });
const tools = [tool('time'), tool('weather')];
const choice = { type: 'function', function: { name: 'weather' } };
const call = (fields: object, path = '/v1/chat/completions'): EngineCall => ({
  path,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify({ model: 'm', messages: [], ...fields })),
  streamEnd: 'data: [DONE]',
  telling: null,
});

test('a tool that must be called is the only one there is, and has to be', () => {
  const asked = withToolAlone(call({ tools, tool_choice: choice }), 'llama-server');

  expect(JSON.parse(asked.body.toString())).toEqual({
    model: 'm',
    messages: [],
    tools: [tool('weather')],
    tool_choice: 'required',
  });
});

test.each([
  ['another engine', call({ tools, tool_choice: choice }), 'embedded'],
  ['a wish in one word', call({ tools, tool_choice: 'required' }), 'llama-server'],
  ['no wish', call({ tools }), 'llama-server'],
  ['a tool that is not among them', call({ tools: [tool('time')], tool_choice: choice }), 'llama-server'],
  ['what is no chat', call({ tools, tool_choice: choice }, '/completion'), 'llama-server'],
] as const)('left as it is: %s', (_, asked, kind) => {
  expect(withToolAlone(asked, kind)).toBe(asked);
});
