import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createTokenText } from './token-text.ts';

/** A vocabulary of single bytes. */
const bytes = {
  detokenize: (tokens: readonly number[]) => Buffer.from(tokens).toString('utf8'),
  endsGeneration: () => false,
};

test('a character of several tokens comes whole', () => {
  const text = createTokenText(bytes, []);

  const pieces = [...Buffer.from('aü€😀')].map((byte) => text.push(byte));

  expect(pieces.filter((piece) => piece !== '')).toEqual(['a', 'ü', '€', '😀']);
});

test('a character that never completes is dropped at the end', () => {
  const text = createTokenText(bytes, []);

  expect(text.push(0xf0)).toBe('');
  expect(text.flush()).toBe('');
});

test('bytes that are no text do not hold up what follows', () => {
  const text = createTokenText(bytes, []);

  expect(text.push(0xc3)).toBe('');
  expect(text.push('a'.charCodeAt(0))).toBe('\uFFFDa');
});

test('any text survives being cut into bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (whole) => {
      fc.pre(!whole.includes('\uFFFD') && Buffer.from(whole).toString('utf8') === whole);
      const text = createTokenText(bytes, []);
      const pieces = [...Buffer.from(whole)].map((byte) => text.push(byte));
      expect(pieces.join('') + text.flush()).toBe(whole);
    }),
  );
});
