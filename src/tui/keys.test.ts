import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { commandOf, KEY_TABLE, readKeys } from './keys.ts';

test('arrows and pages arrive in the spellings of all terminals', () => {
  expect(readKeys('\u001b[A\u001bOB\u001b[5~\u001b[6~\u001b[H\u001b[1~\u001bOF\u001b[8~').keys).toEqual([
    'up',
    'down',
    'page-up',
    'page-down',
    'home',
    'home',
    'end',
    'end',
  ]);
  expect(readKeys('\u001b[1;5A\u001b[5;2~\u001b[Z').keys).toEqual(['up', 'page-up', 'back-tab']);
});

test('what is typed fast comes in one piece and is read key by key', () => {
  expect(readKeys('/qw模🦙\r').keys).toEqual(['/', 'q', 'w', '模', '🦙', 'enter']);
  expect(readKeys('a\u007f\b\t\u0003').keys).toEqual(['a', 'backspace', 'backspace', 'tab', 'interrupt']);
});

test('Esc alone is a key, also right before another', () => {
  expect(readKeys('\u001b')).toEqual({ keys: ['escape'], rest: '' });
  expect(readKeys('\u001b\t').keys).toEqual(['escape', 'tab']);
  expect(readKeys('\u001bq').keys).toEqual(['escape', 'q']);
});

test('a sequence that was cut goes on with the next piece', () => {
  const first = readKeys('j\u001b[');
  expect(first).toEqual({ keys: ['j'], rest: '\u001b[' });
  expect(readKeys(`${first.rest}B`)).toEqual({ keys: ['down'], rest: '' });
});

test('what means nothing here is skipped', () => {
  expect(readKeys('\u001b[15~\u001bOP\u001b[200~x\u001b[201~\u0001')).toEqual({ keys: ['x'], rest: '' });
});

test('every key is documented', () => {
  const docs = readFileSync(new URL('../../docs/dashboard.md', import.meta.url), 'utf8');
  const shown = KEY_TABLE.flatMap((row) => row.shown.split(' '));

  expect(shown.filter((key) => !new RegExp(`^\\| .*${key.replace('?', '\\?')}.* \\|`, 'm').test(docs))).toEqual([]);
});

test('no key has two meanings', () => {
  const keys = KEY_TABLE.flatMap((row) => row.keys);
  expect(new Set(keys).size).toBe(keys.length);
  expect(commandOf('R')).toBe('restart');
  expect(commandOf('x')).toBeNull();
});
