/** What the demo model writes under a schema's grammar is judged by an independent validator. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadDemoEngine } from '../../../../../test/support/demo-engine.ts';
import type { DemoEngine } from '../../../../../test/support/demo-engine.ts';

const SCHEMAS: Readonly<Record<string, object>> = {
  'types of every kind': {
    type: 'object',
    properties: {
      a: { type: 'integer' },
      b: { type: 'number' },
      c: { type: 'boolean' },
      d: { type: 'null' },
      e: { type: ['string', 'null'], maxLength: 12 },
    },
    required: ['a', 'b', 'c', 'd', 'e'],
    additionalProperties: false,
  },
  'optional properties': {
    type: 'object',
    properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } },
    required: ['b'],
  },
  'further properties of one type': {
    type: 'object',
    properties: { an: { type: 'boolean' }, and: { type: 'null' } },
    required: ['an'],
    additionalProperties: { type: 'integer', minimum: 1, maximum: 3 },
  },
  'a required name that no property describes': {
    type: 'object',
    required: ['x'],
    additionalProperties: { enum: ['y', 'z'] },
  },
  'an array with bounds': {
    type: 'array',
    items: { type: 'integer', minimum: 10, maximum: 12 },
    minItems: 2,
    maxItems: 4,
  },
  'a tuple': { type: 'array', prefixItems: [{ const: 'x' }, { type: 'boolean' }], items: false },
  'a tuple with a tail': {
    type: 'array',
    prefixItems: [{ const: 'x' }],
    items: { type: 'boolean' },
    minItems: 3,
    maxItems: 5,
  },
  'an enum of mixed values': { enum: ['a', 1, null, { b: [1.5] }, 'with "quotes" and \\'] },
  'an enum narrowed by a type': { type: 'integer', enum: ['a', 1, 2.5, 3] },
  anyOf: { anyOf: [{ type: 'integer', minimum: 5, maximum: 6 }, { type: 'boolean' }] },
  'oneOf told apart by a value': {
    oneOf: [
      {
        type: 'object',
        properties: { kind: { const: 'a' }, n: { type: 'integer', maximum: 9, minimum: 0 } },
        required: ['kind', 'n'],
      },
      { type: 'object', properties: { kind: { const: 'b' }, t: { type: 'boolean' } }, required: ['kind', 't'] },
    ],
  },
  'allOf of objects': {
    allOf: [
      { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
      { properties: { a: { maximum: 5 }, b: { type: 'boolean' } }, required: ['b'] },
    ],
  },
  'anyOf beside other keywords': {
    type: 'object',
    properties: { a: { type: 'boolean' } },
    required: ['a'],
    anyOf: [
      { required: ['b'], properties: { b: { const: 1 } } },
      { required: ['c'], properties: { c: { const: 2 } } },
    ],
  },
  'a definition that refers to itself': {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: { leaf: { type: 'boolean' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
        required: ['leaf', 'next'],
        additionalProperties: false,
      },
    },
  },
  'a reference beside keywords': {
    $ref: '#/definitions/n',
    minimum: 7,
    definitions: { n: { type: 'integer', maximum: 9 } },
  },
  'lengths of a string': { type: 'string', minLength: 3, maxLength: 5 },
  'a long string': { type: 'string', minLength: 1, maxLength: 2500 },
  'a pattern': { type: 'string', pattern: '^[A-Z]{2,3}-\\d{1,4}(?:\\.\\d{2})?$' },
  'a pattern with alternatives': { type: 'string', pattern: '^(?:red|gr[ae]y|[^a-z\\s]{2})$' },
  'a pattern of what JSON must escape': { type: 'string', pattern: '^["\\\\/]{1,3}\\t?$' },
  'a pattern that matches somewhere': { type: 'string', pattern: 'ab?c' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string', format: 'time' },
  'date-time': { type: 'string', format: 'date-time' },
  uuid: { type: 'string', format: 'uuid' },
  email: { type: 'string', format: 'email' },
  ipv4: { type: 'string', format: 'ipv4' },
  hostname: { type: 'string', format: 'hostname' },
  'an integer within bounds': { type: 'integer', minimum: -17, maximum: 1234 },
  'an integer between excluded bounds': { type: 'integer', exclusiveMinimum: 98, exclusiveMaximum: 102 },
  'a negative integer': { type: 'integer', maximum: -5, minimum: -101 },
  'a share': { type: 'number', minimum: 0, maximum: 1 },
  'a positive number': { type: 'number', exclusiveMinimum: 0 },
  'a number between broken bounds': { type: 'number', minimum: -2.25, exclusiveMaximum: 0.5 },
  'a number in a narrow gap': { type: 'number', exclusiveMinimum: 0.1, exclusiveMaximum: 0.2 },
  'any value at all': { type: 'object', properties: { any: true }, required: ['any'] },
};

describe('JSON under a grammar', () => {
  let demo: DemoEngine;
  const ajv = new Ajv2020({ strict: false, allErrors: true, ownProperties: true });
  addFormats.default(ajv);
  beforeAll(async () => {
    demo = await loadDemoEngine();
  });
  afterAll(() => demo.close());

  /** The answers that were not cut off, beside what the validator says of them. */
  async function judged(schema: object, seeds: number): Promise<readonly (readonly [string, true | string])[]> {
    const validate = ajv.compile(schema);
    const free = { prompt: 'Answer: ', temperature: 1.5, top_k: 0, top_p: 1, min_p: 0, max_tokens: 900 };
    const answers = await Promise.all(
      Array.from({ length: seeds }, (_, seed) => demo.ask({ ...free, json_schema: schema, seed })),
    );
    return answers
      .filter(({ ending }) => ending === 'eos')
      .map(({ text }) => [text, validate(JSON.parse(text)) || ajv.errorsText(validate.errors)]);
  }

  test.each(Object.entries(SCHEMAS))('%s: what is written to its end is valid', async (_, schema) => {
    const answers = await judged(schema, 8);

    expect(answers.length).toBeGreaterThan(0);
    expect(answers.filter(([, verdict]) => verdict !== true)).toEqual([]);
  });

  test('what is written to its end is valid, whatever the schema', async () => {
    await fc.assert(
      fc.asyncProperty(anySchema(), async (schema) => {
        expect((await judged(schema, 2)).filter(([, verdict]) => verdict !== true)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});

/** Schemas of some depth that allow something and whose texts are short. */
function anySchema(): fc.Arbitrary<object> {
  const low = fc.integer({ min: -50, max: 50 });
  const span = fc.integer({ min: 0, max: 90 });
  const leaf = fc.oneof<fc.Arbitrary<object>[]>(
    fc.constantFrom({ type: 'boolean' }, { type: 'null' }, { type: ['boolean', 'null'] }),
    fc.tuple(low, span).map(([minimum, more]) => ({ type: 'integer', minimum, maximum: minimum + more })),
    fc
      .tuple(low, span)
      .map(([least, more]) => ({ type: 'number', exclusiveMinimum: least / 8, maximum: least / 8 + more + 1 })),
    fc
      .tuple(fc.nat(4), fc.nat(6))
      .map(([minLength, more]) => ({ type: 'string', minLength, maxLength: minLength + more })),
    fc
      .uniqueArray(fc.jsonValue({ maxDepth: 1 }), {
        minLength: 1,
        maxLength: 3,
        selector: (value) => JSON.stringify(value),
      })
      .map((values) => ({ enum: values })),
    fc.constantFrom('date', 'time', 'uuid', 'ipv4').map((format) => ({ type: 'string', format })),
  );
  const name = fc.constantFrom('a', 'ab', 'b', 'a b', '"', '\u00fc', 'constructor');
  return fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      leaf,
      fc
        .tuple(
          fc.dictionary(name, tie('schema'), { maxKeys: 3 }),
          fc.uniqueArray(name, { maxLength: 2 }),
          fc.constantFrom<unknown>(undefined, true, { type: 'integer', minimum: 0, maximum: 9 }),
        )
        .map(([properties, required, additionalProperties]) => ({
          type: 'object',
          properties,
          required,
          additionalProperties: additionalProperties ?? { type: 'boolean' },
        })),
      fc
        .tuple(tie('schema'), fc.nat(2), fc.nat(2))
        .map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
      fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((prefixItems) => ({ type: 'array', prefixItems })),
    ),
  })).schema;
}
