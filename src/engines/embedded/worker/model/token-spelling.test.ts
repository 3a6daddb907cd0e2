import { expect, test } from 'vitest';

import { spelledBytes } from './token-spelling.ts';

test('a token that is text has the bytes of that text, and its spelling is not asked for', () => {
  const bytes = spelledBytes('ü', () => {
    throw new Error('not needed');
  });

  expect([...bytes]).toEqual([0xc3, 0xbc]);
});

test.each([
  ['<0xC3>', [0xc3]],
  ['Ã', [0xc3]],
  ['Ġð', [0x20, 0xf0]],
  [String.raw`\xc3`, [0xc3]],
  [String.raw`a\xf0\x9f`, [0x61, 0xf0, 0x9f]],
])('the spelling %s of a part of a character is read', (spelling, bytes) => {
  expect([...spelledBytes('\uFFFD', () => spelling)]).toEqual(bytes);
});
