import { expect, test } from 'vitest';

import { toScreen } from './screen.ts';

const drawn = (text: string, columns: number, rows: number): readonly string[] =>
  toScreen(text, { columns, rows }).replace('\u001b[H\u001b[J', '').trimEnd().split('\n');

test('a page that has room is drawn as it is, from the top left corner', () => {
  expect(toScreen('one\n\ntwo\n', { columns: 80, rows: 24 })).toBe('\u001b[H\u001b[Jone\n\ntwo\n');
});

test('long lines are cut, and lines below the screen are counted', () => {
  expect(drawn('a line that is long\n2\n3\n4\n5\n', 8, 5)).toEqual(['a line …', '2', '3', '… 2 mor…']);
  expect(drawn('1\n2\n3\n4\n', 20, 5)).toEqual(['1', '2', '3', '4']);
});

test('the smallest of terminals shows something', () => {
  expect(drawn('1\n2\n3\n', 20, 1)).toEqual(['… 3 more lines']);
});
