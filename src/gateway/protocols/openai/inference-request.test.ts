import { expect, test } from 'vitest';

import { withModel } from './inference-request.ts';

const renamed = (body: string): string => withModel(Buffer.from(body), 'org/größer').toString('utf8');

test('a name at the beginning of a body is exchanged, and every other byte stays', () => {
  const rest = '"messages":[{"role":"user","content":"the \\"model\\" – hé"}],  "temperature":0.10}';

  expect(renamed(`{"model":"qwen",${rest}`)).toBe(`{"model":"org/größer",${rest}`);
  expect(renamed(`\n { "model" : "klein–ß" ,${rest}`)).toBe(`{"model":"org/größer" ,${rest}`);
});

test('a body that has the name already stays what it is', () => {
  const body = Buffer.from('{"model":"qwen","n":1}');

  expect(withModel(body, 'qwen')).toBe(body);
});

test('where it could be another one that counts, the body is read', () => {
  const one = { model: 'org/größer', n: 1 };

  expect(JSON.parse(renamed('{"n":1,"model":"qwen"}'))).toEqual(one);
  expect(JSON.parse(renamed('{"model":"a","n":1,"model":"b"}'))).toEqual(one);
  expect(JSON.parse(renamed('{"model":"a\\"b","n":1}'))).toEqual(one);
  expect(JSON.parse(renamed('{"n":1}'))).toEqual(one);
});
