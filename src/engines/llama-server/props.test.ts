import { expect, test } from 'vitest';

import { parseContextSize } from './props.ts';

test('the context of a slot is read', () => {
  const body = JSON.stringify({ default_generation_settings: { params: {}, n_ctx: 32_768 }, total_slots: 2 });

  expect(parseContextSize(body)).toBe(32_768);
});

test.each([
  '',
  'not found',
  '[]',
  '{}',
  '{"default_generation_settings":null}',
  '{"default_generation_settings":{"n_ctx":0}}',
])('the answer %j tells none', (body) => {
  expect(parseContextSize(body)).toBeNull();
});
