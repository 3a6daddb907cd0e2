import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fromColumn, toColumn } from './columns.ts';

const throughText = (values: readonly unknown[]): readonly unknown[] =>
  fromColumn(JSON.parse(JSON.stringify(toColumn(values))), values.length);

test('values of any form come back as they were', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({ a: fc.jsonValue(), b: fc.constantFrom([], {}, [1], 'x') }, { requiredKeys: [] }),
    fc.array(fc.constantFrom('x', 1, null), { minLength: 1, maxLength: 2 }),
  );
  fc.assert(
    fc.property(fc.array(value), (values) => {
      expect(throughText(values)).toEqual(JSON.parse(JSON.stringify(values)));
    }),
  );
});

test('what all records say is written once, whatever else some of them say', () => {
  const records = [
    { name: 'a', on: [{ is: 'x', task: 't1' }] },
    { name: 'b', on: [{ is: 'x', task: 't2' }], more: 1 },
  ];

  const column = toColumn(records);

  expect(JSON.stringify(column).match(/"x"/g)).toHaveLength(1);
  expect(fromColumn(column, 2)).toEqual(records);
});

test('a field that is named like what objects inherit is a field like any other', () => {
  const records = ['{"__proto__": "a", "x": 1}', '{"__proto__": "b", "x": 1}'].map((text) => JSON.parse(text));

  expect(JSON.stringify(throughText(records))).toBe(JSON.stringify(records));
});
