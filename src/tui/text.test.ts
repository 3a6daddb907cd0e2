import { expect, test } from 'vitest';

import { cutTo, fit, neutralise, textWidth } from './text.ts';

test('colours, cursor movements and window titles are taken out, other controls become visible', () => {
  expect(neutralise('\u001b[31mred\u001b[0m \u001b[2J\u001b[1;1Hhome')).toBe('red home');
  expect(neutralise('\u001b]0;title\u0007text')).toBe('text');
  expect(neutralise('a\u0000b\u0007c\u009bd')).toBe('a\ufffdb\ufffdc\ufffdd');
  expect(neutralise('tab\there')).toBe('tab    here');
});

test('text cannot turn the direction of its line or hide in it', () => {
  expect(neutralise('abc\u202egnp.exe')).toBe('abc\ufffdgnp.exe');
  expect(neutralise('a\u200bb\u2060c')).toBe('abc');
});

test('an unfinished escape sequence swallows nothing but itself', () => {
  expect(neutralise('before \u001b[31')).toBe('before \ufffd[31');
  expect(neutralise('\u001b')).toBe('\ufffd');
});

test('wide characters count two cells, combining ones none', () => {
  expect(textWidth('模型')).toBe(4);
  expect(textWidth('라마')).toBe(4);
  expect(textWidth('🦙 llama')).toBe(8);
  expect(textWidth(neutralise('e\u0301'))).toBe(1);
  expect(textWidth('x\u0323')).toBe(1);
  expect(textWidth('█▒░─…')).toBe(5);
});

test('sequences that terminals disagree about are taken apart', () => {
  expect(neutralise('👩\u200d💻')).toBe('👩💻');
  expect(neutralise('👍🏽')).toBe('👍');
  expect(neutralise('🇨🇭')).toBe('CH');
  expect(neutralise('❤\ufe0f')).toBe('❤');
});

test('a text is filled or cut to exactly its width', () => {
  expect(fit('abc', 5)).toBe('abc  ');
  expect(fit('abc', 5, 'right')).toBe('  abc');
  expect(fit('abcdef', 4)).toBe('abc…');
  expect(fit('模型模型', 4)).toBe('模… ');
  expect(fit('模型', 4)).toBe('模型');
  expect(fit('abc', 0)).toBe('');
  expect(cutTo('abc', 1)).toBe('…');
});
