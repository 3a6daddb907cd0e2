import { describe, expect, test } from 'vitest';

import { requestFields } from './fields.ts';
import { outOfRange } from './sampling-ranges.ts';

describe('sampling fields', () => {
  test('within their ranges are passed on, and so are those that have none', () => {
    const fields = { temperature: 0, top_p: 1, min_p: 0.05, presence_penalty: -2, frequency_penalty: null, top_k: -1 };

    expect(outOfRange(fields)).toBeNull();
  });

  test.each([
    ['temperature', -1],
    ['temperature', 'warm'],
    ['top_p', 1.5],
    ['presence_penalty', 3],
  ])('%s of %s is out of its range', (param, value) => {
    expect(outOfRange({ [param]: value })).toMatchObject({ param });
  });
});

test.each([{ temperature: -1 }, { options: { temperature: -1 } }])('a body with %j is refused', (fields) => {
  expect(() => requestFields(Buffer.from(JSON.stringify(fields)))).toThrow(
    expect.objectContaining({ code: 'INVALID_REQUEST', detail: { param: 'temperature' } }),
  );
});
