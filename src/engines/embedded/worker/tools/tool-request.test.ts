import { expect, test } from 'vitest';

import { readTools } from './tool-request.ts';

const tool = (name: string, parameters?: object): object => ({ type: 'function', function: { name, parameters } });

test('without tools, and with a choice of none, nothing is called', () => {
  expect(readTools({})).toBeNull();
  expect(readTools({ tools: [] })).toBeNull();
  expect(readTools({ tools: [tool('f')], tool_choice: 'none' })).toBeNull();
});

test('a choice says whether a call must come, and of which tool', () => {
  const tools = [tool('f'), tool('g')];

  expect(readTools({ tools })).toMatchObject({ demanded: false, parallel: true });
  expect(readTools({ tools, tool_choice: 'required', parallel_tool_calls: false })).toMatchObject({
    demanded: true,
    parallel: false,
  });
  expect(
    readTools({ tools, tool_choice: { type: 'function', function: { name: 'g' } } })?.tools.map(({ name }) => name),
  ).toEqual(['g']);
});

test('a tool without parameters takes none', () => {
  expect(readTools({ tools: [tool('f')] })?.tools[0]?.parameters).toMatchObject({ additionalProperties: false });
});

test.each([
  [{ tools: 'x' }, 'tools[0] must be of type "function"'],
  [{ tools: {} }, '"tools" must be a list of tools'],
  [{ tools: [{ type: 'web_search' }] }, 'tools[0] must be of type "function"'],
  [{ tools: [tool('a b')] }, 'tools[0].function.name'],
  [{ tools: [tool('f'), tool('f')] }, 'two named "f"'],
  [{ tools: [tool('f', { type: 'string' })] }, 'tools[0].function.parameters must be'],
  [{ tool_choice: 'required' }, 'there are no "tools"'],
  [{ tools: [tool('f')], tool_choice: 'always' }, '"tool_choice" must be'],
  [{ tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'g' } } }, 'names "g"'],
])('%j is refused by name', (body, message) => {
  expect(() => readTools(body)).toThrow(message);
});
