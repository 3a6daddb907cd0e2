/** What holds of verdicts whatever the text. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { HERE, inDefault, STRICT } from '../../../test/support/judging.ts';
import { judge } from './judge.ts';

const PIECES = [
  'wc',
  'rm',
  ' ',
  ' ',
  '\n',
  ';',
  '&',
  '|',
  '(',
  ')',
  '{ ',
  ' }',
  '"',
  "'",
  '`',
  '$(',
  '$',
  '\\',
  '<',
  '>',
  '<<E\n',
  '\nE\n',
  '#',
  '=',
  '[[ ',
  ' ]]',
  'if ',
  ' then ',
  ' fi',
  'x',
  '\u00a0',
];
const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 20 }).map((parts) => parts.join(''));

describe('whatever the text', () => {
  test('a verdict is given', () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
        expect(['allowed', 'denied', 'ask']).toContain(inDefault(text).kind);
      }),
      { numRuns: 2_000 },
    );
  });

  test('strict mode allows no program that it was not told of, wherever it is put', () => {
    fc.assert(
      fc.property(soup, soup, (before, after) => {
        const verdict = judge(`${before}\nforbidden x\n${after}`, STRICT, HERE);
        // Quoted, commented, a document, or words of a condition or an array: then it is no command.
        const isText = /['"`#\\]|<<|\[\[|=\(/.test(before);
        fc.pre(!isText);
        expect(verdict.kind).toBe('denied');
      }),
      { numRuns: 2_000 },
    );
  });
});
