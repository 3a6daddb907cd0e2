/** Masking of streams: whatever the pieces in which bytes come, no value gets through, and nothing else is lost. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createMasker, formsOf, MASK } from './masker.ts';

const VALUE = 'hunter2/päss+w="x"';

function masked(chunks: readonly Buffer[], values: readonly string[]): Buffer {
  const masker = createMasker(values);
  return Buffer.concat([...chunks.map((chunk) => masker.push(chunk)), masker.end()]);
}

function maskedText(text: string, values: readonly string[]): string {
  return masked([Buffer.from(text)], values).toString('utf8');
}

describe('a value is masked', () => {
  test.each([
    ['as it is', VALUE],
    ['encoded for a URL', encodeURIComponent(VALUE)],
    ['within JSON', JSON.stringify({ token: VALUE })],
    ['in base64', Buffer.from(VALUE).toString('base64')],
    ['in base64 as echo gives it', Buffer.from(`${VALUE}\n`).toString('base64')],
    ['in base64 for URLs', Buffer.from(VALUE).toString('base64url')],
    ['in base64 amid other bytes', Buffer.from(`user:${VALUE}@host`).toString('base64')],
  ])('%s', (_where, text) => {
    const out = maskedText(`before ${text} after`, [VALUE]);

    expect(out).toContain(MASK);
    for (const form of formsOf(VALUE)) expect(out).not.toContain(form);
  });

  test('line by line when it has several', () => {
    expect(maskedText('a\nfirst-line-of-key\nb', ['first-line-of-key\nsecond-line-of-key'])).toBe(`a\n${MASK}\nb`);
  });

  test('as the longer of two, when one begins with the other', () => {
    expect(maskedText('tok-abcdef tok-abc', ['tok-abc', 'tok-abcdef'])).toBe(`${MASK} ${MASK}`);
  });
});

test('what is not the beginning of a value is not held back', () => {
  const masker = createMasker(['secret-value']);

  expect(masker.push(Buffer.from('working … ')).toString()).toBe('working … ');
  expect(masker.push(Buffer.from('s')).toString()).toBe('');
  expect(masker.push(Buffer.from('ome')).toString()).toBe('some');
});

test('however the bytes are cut, the output is that of the whole', () => {
  const value = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\n', '='), minLength: 4, maxLength: 8 });
  const noise = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\n', '=', '\0') });
  fc.assert(
    fc.property(
      value,
      fc.array(noise, { maxLength: 6 }),
      fc.array(fc.nat(12), { maxLength: 20 }),
      (secret, parts, cuts) => {
        const bytes = Buffer.from(parts.join(secret));
        const chunks: Buffer[] = [];
        let from = 0;
        for (const cut of cuts) chunks.push(bytes.subarray(from, (from += cut)));
        chunks.push(bytes.subarray(from));

        const out = masked(chunks, [secret]);

        expect(out).toEqual(masked([bytes], [secret]));
        expect(out.toString('latin1')).not.toContain(Buffer.from(secret).toString('latin1'));
      },
    ),
    { numRuns: 500 },
  );
});

test('without a value every byte passes', () => {
  const bytes = Buffer.from([0, 255, 10, 128, 7]);

  expect(masked([bytes], [])).toEqual(bytes);
});
