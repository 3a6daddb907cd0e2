import { expect, test } from 'vitest';

import { readConstraint } from './constraint.ts';
import { withoutTail } from './grammar-text.ts';

test.each([
  [{}, null],
  [{ response_format: { type: 'text' } }, null],
  [{ grammar: 'root ::= "x"' }, { kind: 'grammar', text: 'root ::= "x"' }],
  [{ response_format: { type: 'json_object' } }, { kind: 'json' }],
  [{ json_schema: {} }, { kind: 'json' }],
  [{ json_schema: { type: 'string' } }, { kind: 'schema', schema: { type: 'string' } }],
])('the body %j demands %j', (body, constraint) => {
  expect(readConstraint(body)).toEqual(constraint);
});

test('a schema is put into the words of the library, at every depth', () => {
  const schema = {
    type: 'object',
    properties: { a: { anyOf: [{ type: 'null' }, { $ref: '#/definitions/b' }] }, pattern: { type: 'string' } },
    definitions: { b: { type: 'array', items: { anyOf: [{ const: 1 }] } } },
  };

  expect(readConstraint({ response_format: { type: 'json_schema', json_schema: { schema } } })).toEqual({
    kind: 'schema',
    schema: {
      type: 'object',
      properties: { a: { oneOf: [{ type: 'null' }, { $ref: '#/$defs/b' }] }, pattern: { type: 'string' } },
      $defs: { b: { type: 'array', items: { oneOf: [{ const: 1 }] } } },
    },
  });
});

test('a keyword that would be ignored is refused with its place', () => {
  const schema = { type: 'object', properties: { name: { type: 'string', pattern: '^a' } } };

  expect(() => readConstraint({ json_schema: schema })).toThrow('"pattern" at #/properties/name is not supported');
});

test('an unknown format is refused', () => {
  expect(() => readConstraint({ response_format: { type: 'xml' } })).toThrow('not "xml"');
});

test('the tail that the library appends is cut off', () => {
  expect(withoutTail('root ::= "{" "}" "\\n\\n\\n\\n" [\\n]*\nws ::= " "')).toBe('root ::= "{" "}"\nws ::= " "');
});
