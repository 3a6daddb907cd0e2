import { expect, test } from 'vitest';

import { MAX_LINE_LENGTH, splitLines } from './log-lines.ts';

test('lines are cut from pieces that end anywhere', () => {
  const first = splitLines('', 'one\ntw');
  const second = splitLines(first.rest, 'o\nthree\n');

  expect([first.lines, second]).toEqual([['one'], { lines: ['two', 'three'], rest: '' }]);
});

test('of a line that was written over, what was written last is shown', () => {
  expect(splitLines('', 'loading 1%\rloading 99%\r\ndone\r\n').lines).toEqual(['loading 99%', 'done']);
});

test('a line without an end takes no memory', () => {
  let rest = '';
  for (let at = 0; at < 100; at++) rest = splitLines(rest, 'x'.repeat(1_000)).rest;

  expect(rest).toHaveLength(MAX_LINE_LENGTH);
  expect(splitLines(rest, `${'y'.repeat(200_000)}\n`).lines[0]).toHaveLength(MAX_LINE_LENGTH);
});
