import { expect, test } from 'vitest';

import { redact } from './redact.ts';

test.each([
  ['a key of ours', `use drv_abcd1234_${'x'.repeat(40)} now`, 'use [redacted] now'],
  ['a key of a provider', `sk-proj-${'A1'.repeat(12)}`, '[redacted]'],
  ['a header', 'authorization: Bearer abc.def-123456', 'authorization: Bearer [redacted]'],
  ['a field', '{"db_password": "a\\"b", "user": "me"}', '{"db_password": "[redacted]", "user": "me"}'],
  [
    'an assignment',
    'export DB_PASSWORD="a b" api-key=x1&q=2',
    'export DB_PASSWORD="[redacted] b" api-key=[redacted]&q=2',
  ],
  ['one within JSON', '{"content": "PASSWORD=\\"hunter2\\" and"}', '{"content": "PASSWORD=\\"[redacted]\\" and"}'],
  ['a name and its password', 'Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [redacted]'],
  [
    'the address of a server',
    'postgres://me:hunter2@db/x http://a:80/b',
    'postgres://me:[redacted]@db/x http://a:80/b',
  ],
  ['a picture', '"url":"data:image/png;base64,AAAABBBB"', '"url":"[6 bytes]"'],
  [
    'what is none',
    '{"max_tokens": 12, "content": "the token of a task-force, max_tokens=12, basic understanding"}',
    '{"max_tokens": 12, "content": "the token of a task-force, max_tokens=12, basic understanding"}',
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
  'password'.repeat(60_000),
  'password='.repeat(60_000),
  'a-'.repeat(200_000),
  `x://${':'.repeat(300_000)}`,
  'x://a:'.repeat(60_000),
])('a hostile body is read in one pass', (text) => {
  const from = process.cpuUsage().user;

  redact(text);

  expect(process.cpuUsage(undefined).user - from).toBeLessThan(2_000_000);
});
