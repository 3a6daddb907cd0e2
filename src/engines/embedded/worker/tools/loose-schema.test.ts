/** What is left of schemas that a grammar cannot keep. */

import { expect, test } from 'vitest';

import { looseSchema } from './loose-schema.ts';

const url = { type: 'object', properties: { url: { type: 'string', format: 'uri' } }, required: ['url'] };

test('only what cannot be kept is left out, wherever it is', () => {
  const deep = { type: 'object', properties: { list: { type: 'array', uniqueItems: true, items: url } } };
  const either = {
    type: 'object',
    properties: { 'a/b': { anyOf: [{ type: 'null' }, { type: 'number', multipleOf: 2 }] } },
  };

  expect(looseSchema(url)).toEqual({ ...url, properties: { url: { type: 'string' } } });
  expect(looseSchema(deep)).toEqual({
    type: 'object',
    properties: { list: { type: 'array', items: { ...url, properties: { url: { type: 'string' } } } } },
  });
  expect(looseSchema(either)).toEqual({
    type: 'object',
    properties: { 'a/b': { anyOf: [{ type: 'null' }, { type: 'number' }] } },
  });
});

test('a schema that can be kept stays as it is', () => {
  const kept = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } }, additionalProperties: false };

  expect(looseSchema(kept)).toBe(kept);
});

test('where nothing can be left out, any object will do', () => {
  expect(looseSchema({ type: 'object', properties: { a: { $ref: '#/nowhere' } } })).toEqual({
    type: 'object',
    properties: { a: {} },
  });
  const deep = Array.from({ length: 200 }).reduce<object>((items) => ({ type: 'array', items }), { type: 'null' });
  expect(looseSchema({ type: 'object', properties: { deep } })).toEqual({ type: 'object' });
});
