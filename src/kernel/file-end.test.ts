import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { readFileEnd } from './file-end.ts';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'file-end-'));
  file = join(home, 'stderr.log');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('of a long file the last bytes are read, from the beginning of a character', () => {
  writeFileSync(file, 'aé1');

  expect(readFileEnd(file, { maxBytes: 3 })).toEqual({ text: 'é1', isCut: true });
  expect(readFileEnd(file, { maxBytes: 2 })).toEqual({ text: '1', isCut: true });
  expect(readFileEnd(file, { maxBytes: 4 })).toEqual({ text: 'aé1', isCut: false });
});

test('what is before the given place is not of it, unless the file was begun anew since', () => {
  writeFileSync(file, 'before|after');

  expect(readFileEnd(file, { maxBytes: 100, from: 7 })).toEqual({ text: 'after', isCut: false });
  expect(readFileEnd(file, { maxBytes: 2, from: 7 })).toEqual({ text: 'er', isCut: true });
  expect(readFileEnd(file, { maxBytes: 100, from: 500 })).toEqual({ text: 'before|after', isCut: false });
});

test('a file that is empty or not there has an empty end', () => {
  expect(readFileEnd(file, { maxBytes: 100 })).toEqual({ text: '', isCut: false });

  writeFileSync(file, '');
  expect(readFileEnd(file, { maxBytes: 100, from: 5 })).toEqual({ text: '', isCut: false });
});

test('what is below a file, or a folder in place of it, has an empty end', () => {
  writeFileSync(file, 'a file');

  expect(readFileEnd(join(file, 'stdout'), { maxBytes: 100 })).toEqual({ text: '', isCut: false });
  expect(readFileEnd(home, { maxBytes: 100 })).toEqual({ text: '', isCut: false });
});
