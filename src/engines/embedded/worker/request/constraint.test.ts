import { expect, test } from 'vitest';

import { readConstraint } from './constraint.ts';

const schema = { type: 'object', properties: { a: { const: 1 } }, required: ['a'] };

test.each([{}, { response_format: { type: 'text' } }, { grammar: '' }, { json_schema: null }])(
  'the body %j leaves the form free',
  (body) => {
    expect(readConstraint(body)).toBeNull();
  },
);

test('a grammar is taken as it is', () => {
  expect(readConstraint({ grammar: 'root ::= "x"' })).toBe('root ::= "x"');
});

test('a schema means the same in each of its three places', () => {
  const [first, second, third] = [
    readConstraint({ json_schema: schema }),
    readConstraint({ response_format: { type: 'json_object', schema } }),
    readConstraint({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }),
  ];

  expect(first).toContain(String.raw`"\"a\""`);
  expect([second, third]).toEqual([first, first]);
});

test('JSON without a schema is any object', () => {
  expect(readConstraint({ response_format: { type: 'json_object' } })).toBe(readConstraint({ json_schema: {} }));
});

test.each([
  [{ response_format: { type: 'xml' } }, 'not "xml"'],
  [{ json_schema: { type: 'object', properties: { a: { not: {} } } } }, '"not" at #/properties/a cannot be kept'],
  [{ json_schema: schema, grammar: 'root ::= "x"' }, 'only one of'],
])('the body %j is refused by name', (body, message) => {
  expect(() => readConstraint(body)).toThrow(message);
});
