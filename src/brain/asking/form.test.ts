import { describe, expect, test } from 'vitest';

import { compileSchema, readSchema } from './answer-schema.ts';
import { jsonForm, openForm, optionForm } from './form.ts';
import { findJson } from './json-text.ts';

const invoice = jsonForm(
  compileSchema({
    type: 'object',
    properties: { total: { type: 'number' }, due: { type: 'string', format: 'date' } },
    required: ['total'],
    additionalProperties: false,
  }),
);

describe('a JSON value', () => {
  test.each([
    ['alone', '{"total": 3}'],
    ['in a fence', 'Here it is:\n```json\n{"total": 3}\n```\nDone.'],
    ['in a sentence', 'The invoice is {"total": 3}.'],
  ])('is found %s', (_where, text) => {
    expect(invoice.read(text)).toEqual({ kind: 'fits', value: { total: 3 } });
  });

  test('that does not fit is told of in words, with the place', () => {
    const reading = invoice.read('{"total": "3", "due": "tomorrow", "note": 1}');

    expect(reading).toEqual({
      kind: 'wrong',
      problems: [
        'the value must NOT have additional properties ("note")',
        '/total must be number',
        '/due must match format "date"',
      ],
    });
  });

  test('is missing in prose and in an empty text', () => {
    expect(findJson('I cannot do that.')).toEqual({ kind: 'none', reason: 'the answer is no JSON' });
    expect(findJson(' \n')).toEqual({ kind: 'none', reason: 'the answer is empty' });
  });

  test('may be a list', () => {
    expect(findJson('items: [1, 2]')).toEqual({ kind: 'found', value: [1, 2] });
  });
});

describe('a schema', () => {
  test('of an older dialect is read by its own rules', () => {
    const text = '{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}]}';
    const reading = readSchema(text);

    expect(reading.kind === 'usable' && reading.schema.problemsOf([1])).toEqual(['/0 must be string']);
  });

  test.each([
    ['no JSON', '{type: object}'],
    ['no object', '["string"]'],
    ['no JSON Schema', '{"type": "invoice"}'],
    ['one that refers to nothing', '{"$ref": "#/$defs/missing"}'],
    ['one that would have to be fetched', '{"$ref": "https://example.com/invoice.json"}'],
  ])('that is %s cannot be used, and says why', (_what, text) => {
    expect(readSchema(text)).toMatchObject({ kind: 'unusable', reason: expect.stringMatching(/./) });
  });

  test('with unknown keywords and formats is used', () => {
    expect(readSchema('{"type": "string", "format": "iban", "x-note": 1}').kind).toBe('usable');
  });
});

describe('one of the options', () => {
  const form = optionForm(['yes', 'no', 'Not sure']);

  test.each([
    ['{"answer": "yes"}', 'yes'],
    ['"no"', 'no'],
    ['Yes.', 'yes'],
    ['**NO**', 'no'],
    ['Answer: not_sure', 'Not sure'],
    ['The answer is "Not Sure"!', 'Not sure'],
  ])('is meant by %s', (said, meant) => {
    expect(form.read(said)).toEqual({ kind: 'fits', value: meant });
  });

  test.each(['maybe', 'yes and no', '', '{"answer": 3}'])('is not meant by %j', (said) => {
    expect(form.read(said)).toEqual({
      kind: 'wrong',
      problems: ['the answer is none of "yes", "no", "Not sure"'],
    });
  });

  test('is what the engine is held to', () => {
    expect(form.schema).toMatchObject({ properties: { answer: { enum: ['yes', 'no', 'Not sure'] } } });
  });

  test('is never guessed between two that differ only in their case', () => {
    expect(optionForm(['A', 'a']).read('"a"')).toEqual({ kind: 'fits', value: 'a' });
    expect(optionForm(['A', 'a']).read('a.').kind).toBe('wrong');
  });
});

describe('an answer to an open question', () => {
  test('is a short text', () => {
    expect(openForm.read('{"answer": " Paris "}')).toEqual({ kind: 'fits', value: 'Paris' });
    expect(openForm.read('Paris')).toEqual({ kind: 'fits', value: 'Paris' });
  });

  test('is neither empty nor a novel', () => {
    expect(openForm.read('{"answer": " "}').kind).toBe('wrong');
    expect(openForm.read('word '.repeat(200)).kind).toBe('wrong');
  });
});
