/** What counts as produced. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { missingProducts } from './produced.ts';

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'drover-produced-'));
  mkdirSync(join(cwd, 'out', 'deep'), { recursive: true });
  mkdirSync(join(cwd, 'bare'));
  symlinkSync('.', join(cwd, 'out', 'around'));
  symlinkSync('.', join(cwd, 'out', 'around2'));
  writeFileSync(join(cwd, 'full.txt'), 'x');
  writeFileSync(join(cwd, 'empty.txt'), '');
  writeFileSync(join(cwd, 'out', 'a[1].csv'), 'x');
  writeFileSync(join(cwd, 'out', 'deep', 'b.csv'), 'x');
});

afterAll(() => rmSync(cwd, { recursive: true }));

test.each([
  ['full.txt', true],
  ['empty.txt', false],
  ['none.txt', false],
  ['out', true],
  ['bare', false],
  ['out/*.csv', true],
  ['out/?[[]1].csv', true],
  ['out/[b-z]*.csv', false],
  ['**/*.csv', true],
  ['out/deep/[!a].csv', true],
  ['*.txt', false],
  ['*.json', false],
  ['full.txt/deep.txt', false],
  ['full.txt/*', false],
  ['nul\0.txt', false],
  [`${'x'.repeat(300)}.txt`, false],
  ['out/[z-a].csv', false],
  ['**/none.csv', false],
  ['**/b.csv', true],
  ['**/around/**/b.csv', true],
])('%s: %s', (path, produced) => {
  expect(missingProducts(cwd, [path])).toEqual(produced ? [] : [path]);
});

test('an absolute path is taken as it is', () => {
  expect(missingProducts('/', [join(cwd, 'full.txt'), join(cwd, 'out', '*.csv')])).toEqual([]);
});
