/** What a grammar cannot keep is refused with keyword and place, however the schema is broken. */

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { schemaGrammar, SchemaError } from './index.ts';

const nested = (depth: number): object => (depth === 0 ? {} : { type: 'array', items: nested(depth - 1) });

test.each([
  [{ properties: { a: { not: {} } } }, '"not" at #/properties/a cannot be kept'],
  [{ items: { multipleOf: 3 } }, '"multipleOf" at #/items cannot be kept'],
  [{ typ: 'string' }, '"typ" at # is unknown; did you mean "type"'],
  [{ type: 'text' }, '"type" at # must be of'],
  [{ type: [] }, '"type" at # allows nothing'],
  [{ properties: [] }, '"properties" at # must be an object of schemas'],
  [{ properties: { 'a/b': 3 } }, '"a/b" at #/properties must be a schema'],
  [{ properties: { 'a/b': { if: {} } } }, '"if" at #/properties/a~1b'],
  [{ required: 'a' }, '"required" at # must be a list of strings'],
  [{ required: ['a'], additionalProperties: false }, 'names "a", which additionalProperties forbids'],
  [{ enum: [] }, '"enum" at # allows nothing'],
  [{ enum: ['a'], minLength: 2 }, '"minLength" at # cannot be kept beside'],
  [{ type: 'number', enum: ['a'] }, '"enum" at # allows nothing'],
  [{ $ref: 'other.json' }, '"$ref" at # must begin with "#/"'],
  [{ $ref: '#/$defs/none' }, 'names "#/$defs/none", which is not there'],
  [{ $ref: '#' }, 'leads to nothing that can be written'],
  [{ $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' }, 'is nested deeper'],
  [{ allOf: [{ type: 'string' }, { type: 'number' }] }, '"type" at # allows nothing'],
  [{ allOf: [{ pattern: 'a' }, { pattern: 'b' }] }, '"pattern" at # cannot be kept twice'],
  [
    { oneOf: [{ type: 'integer' }, { type: 'number' }] },
    '"oneOf" at # cannot be kept: a value may satisfy its items 0 and 1',
  ],
  [{ anyOf: [false] }, '"anyOf" at # allows nothing'],
  [{ minLength: 5, maxLength: 3 }, '"maxLength" at # is smaller than minLength'],
  [{ maxLength: 100_000 }, '"maxLength" at # cannot be kept beyond'],
  [{ minItems: -1 }, '"minItems" at # must be a whole number'],
  [{ format: 'uri' }, '"format" at # cannot be kept for "uri"; known formats: date'],
  [{ format: 'date', pattern: 'a' }, '"format" at # cannot be kept together with pattern'],
  [{ pattern: '(' }, '"pattern" at # cannot be kept: it is no regular expression'],
  [{ pattern: '(?=a)b' }, 'it looks around'],
  [{ pattern: String.raw`\bword` }, String.raw`it has "\b"`],
  [{ pattern: String.raw`(a)\1` }, String.raw`it has "\1"`],
  [{ pattern: 'a^b' }, 'it has "^" in its middle'],
  [{ type: 'integer', minimum: 3, maximum: 2 }, '"minimum" at # and maximum leave no number'],
  [nested(300), 'is nested deeper than'],
  [false, 'allows nothing'],
  [3, 'must be an object'],
])('%j is refused', (schema, message) => {
  expect(() => schemaGrammar(schema)).toThrow(SchemaError);
  expect(() => schemaGrammar(schema)).toThrow(message);
});

test('annotations and words of other tools are no constraints', () => {
  expect(schemaGrammar({ type: 'null', title: 'x', default: 3, 'x-order': 1 })).toBe(schemaGrammar({ type: 'null' }));
});

const KEYWORDS = [
  'type',
  'enum',
  'const',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'exclusiveMaximum',
  'anyOf',
  'oneOf',
  'allOf',
  '$ref',
  '$defs',
];

test('whatever a schema holds, it is a grammar or a refusal', () => {
  const { schema } = fc.letrec<{ schema: unknown; value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('string', 'object', 'array', 'integer', '#', '#/$defs/a', '^a+', 'date'),
      fc.integer({ min: -3, max: 30 }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      tie('schema'),
    ),
    schema: fc.dictionary(fc.constantFrom(...KEYWORDS, 'a'), tie('value'), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(schema, (any) => {
      expect(['grammar', 'refusal']).toContain(outcomeOf(any));
    }),
    { numRuns: 2_000 },
  );
});

function outcomeOf(schema: unknown): string {
  try {
    return schemaGrammar(schema).startsWith('root ::= ') ? 'grammar' : 'something else';
  } catch (error) {
    return error instanceof SchemaError ? 'refusal' : String(error);
  }
}
