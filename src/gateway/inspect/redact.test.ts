import { expect, test } from 'vitest';

import { redact } from './redact.ts';

test.each([
  ['a key of ours', `use drv_abcd1234_${'x'.repeat(40)} now`, 'use [redacted] now'],
  ['a key of a provider', `sk-proj-${'A1'.repeat(12)}`, '[redacted]'],
  ['a header', 'authorization: Bearer abc.def-123456', 'authorization: Bearer [redacted]'],
  ['a field', '{"db_password": "a\\"b", "user": "me"}', '{"db_password": "[redacted]", "user": "me"}'],
  ['a picture', '"url":"data:image/png;base64,AAAABBBB"', '"url":"[6 bytes]"'],
  [
    'what is none',
    '{"max_tokens": 12, "content": "the token of a task-force"}',
    '{"max_tokens": 12, "content": "the token of a task-force"}',
  ],
])('%s', (_title, text, shown) => {
  expect(redact(text)).toBe(shown);
});

test.each([
  '"'.repeat(200_000),
  `"${'a'.repeat(300_000)}`,
  'sk-'.repeat(100_000),
  'eyJ'.repeat(100_000),
  'data:a/'.repeat(60_000),
])('a hostile body is read in one pass', (text) => {
  const from = process.cpuUsage().user;

  redact(text);

  expect(process.cpuUsage(undefined).user - from).toBeLessThan(2_000_000);
});
