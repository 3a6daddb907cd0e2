import { EventEmitter } from 'node:events';

import { expect, test } from 'vitest';

import { frameChanges } from './frame.ts';
import { openKeyboard } from './keyboard.ts';
import type { TerminalInput } from './keyboard.ts';
import { openScreen } from './screen.ts';
import type { ProcessEnd, TerminalOutput } from './screen.ts';

const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

class Terminal extends EventEmitter implements TerminalOutput {
  columns = 80;
  rows = 24;
  sent: string[] = [];

  write(text: string): boolean {
    this.sent.push(text);
    return true;
  }
}

function opened() {
  const terminal = new Terminal();
  const end = new EventEmitter() satisfies ProcessEnd;
  const sizes: unknown[] = [];
  const screen = openScreen(terminal, end, (size) => sizes.push(size));
  return { terminal, end, sizes, screen };
}

test('only lines that changed are sent, each to its place', () => {
  expect(frameChanges(['a', 'b', 'c'], ['a', 'B', 'c'])).toBe('\u001b[2;1H\u001b[2KB');
  expect(frameChanges(['a'], ['a'])).toBe('');
  expect(frameChanges(['a', 'b'], ['a'])).toBe('\u001b[2;1H\u001b[2K');
  expect(frameChanges(null, ['a', ''])).toBe('\u001b[H\u001b[2J\u001b[1;1H\u001b[2Ka');
});

test('after a change of size everything is drawn anew', () => {
  const { terminal, screen, sizes } = opened();
  screen.draw(['one', 'two']);
  terminal.columns = 60;

  terminal.emit('resize');
  screen.draw(['one', 'two']);

  expect(sizes).toEqual([{ columns: 60, rows: 24 }]);
  expect(terminal.sent.at(-1)).toContain('\u001b[2J\u001b[1;1H\u001b[2Kone');
});

test('the terminal is given back once, by whatever comes first, and then drawn on no more', () => {
  const { terminal, end, screen } = opened();

  end.emit('exit');
  screen[Symbol.dispose]();
  screen.draw(['late']);

  expect(terminal.sent.filter((text) => text === LEAVE)).toHaveLength(1);
  expect(terminal.sent.at(-1)).toBe(LEAVE);
  expect([terminal.listenerCount('resize'), end.listenerCount('exit')]).toEqual([0, 0]);
});

test('the keyboard is raw while it is open, and joins what a terminal sent in two pieces', () => {
  const raw: boolean[] = [];
  const input = Object.assign(new EventEmitter(), {
    setRawMode: (on: boolean) => raw.push(on),
    setEncoding: () => {},
    resume: () => {},
    pause: () => {},
  }) satisfies TerminalInput;
  const keys: string[] = [];

  const keyboard = openKeyboard(input, (key) => keys.push(key));
  input.emit('data', 'j\u001b[');
  input.emit('data', 'A');
  keyboard[Symbol.dispose]();
  input.emit('data', 'q');

  expect(keys).toEqual(['j', 'up']);
  expect(raw).toEqual([true, false]);
});
