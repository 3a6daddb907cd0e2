import fc from 'fast-check';
import { expect, test } from 'vitest';

import { ToolCallReader } from './tool-call-reader.ts';
import type { AnswerPart } from './tool-call-reader.ts';
import { syntaxOf } from './tool-syntax.ts';
import type { ToolSyntax } from './tool-syntax.ts';

const TEMPLATES = {
  tagged: '{% if tools %}<tool_call>{% endif %}',
  listed: '{% if tools %}[TOOL_CALLS]{% endif %}',
  bare: '{% if tools %}{"name": x, "parameters": y}{% endif %}',
};

function syntax(family: keyof typeof TEMPLATES): ToolSyntax {
  const found = syntaxOf(TEMPLATES[family]);
  if (found === null) throw new Error(`no syntax for ${family}`);
  return found;
}

/** What a reader makes of pieces, with neighbouring pieces of one thing put together. */
function read(family: keyof typeof TEMPLATES, pieces: readonly string[]): readonly AnswerPart[] {
  const reader = new ToolCallReader(syntax(family));
  const parts = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.end()];
  return parts.reduce<readonly AnswerPart[]>((whole, part) => {
    const last = whole.at(-1);
    const joins = part.kind !== 'call' && last?.kind === part.kind;
    return joins ? [...whole.slice(0, -1), { ...part, text: last.text + part.text }] : [...whole, part];
  }, []);
}

const ARGUMENTS = String.raw`{"city": "a}\"]{", "list": [[1], {}]}`;
const EXPECTED = [
  { kind: 'text', text: 'Let me see. ' },
  { kind: 'call', at: 0, name: 'get_weather' },
  { kind: 'arguments', at: 0, text: ARGUMENTS },
  { kind: 'call', at: 1, name: 'f-2' },
  { kind: 'arguments', at: 1, text: '{}' },
];

test.each([
  [
    'tagged',
    `Let me see. <tool_call>\n{"name": "get_weather", "arguments": ${ARGUMENTS}}\n</tool_call>\n<tool_call>{"name": "f-2", "arguments": {}}</tool_call>`,
  ],
  [
    'listed',
    `Let me see. [TOOL_CALLS][{"name": "get_weather", "arguments": ${ARGUMENTS}}, {"name": "f-2", "arguments": {}}]`,
  ],
] as const)('calls of the %s family are read, however their text is cut', (family, text) => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((end, at) => text.slice(places[at], end));

      expect(read(family, pieces)).toEqual(EXPECTED);
    }),
  );
});

test('a bare object is a call', () => {
  expect(read('bare', ['{"na', 'me": "f", "parameters": {"a": 1}}'])).toEqual([
    { kind: 'call', at: 0, name: 'f' },
    { kind: 'arguments', at: 0, text: '{"a": 1}' },
  ]);
});

test('what only begins like a call stays text', () => {
  expect(read('tagged', ['a <tool', ' or <tool_call> here'])).toEqual([
    { kind: 'text', text: 'a <tool or <tool_call> here' },
  ]);
});

test('a template without tools has no syntax', () => {
  expect(syntaxOf('{{ messages }}')).toBeNull();
});
