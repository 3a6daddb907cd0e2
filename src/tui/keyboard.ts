/** The terminal's input while the dashboard has it: raw, so that each key arrives at once and none is shown. */

import { readKeys } from './keys.ts';
import type { Key } from './keys.ts';

/** A terminal's input, such as `process.stdin`. */
export interface TerminalInput {
  setRawMode(raw: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  off(event: 'data', listener: (text: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Gives the input back when it is disposed of; at the end of the process Node does. */
export function openKeyboard(input: TerminalInput, onKey: (key: Key) => void): Disposable {
  let rest = '';

  function onData(text: string): void {
    const read = readKeys(rest + text);
    rest = read.rest;
    for (const key of read.keys) onKey(key);
  }

  input.setRawMode(true);
  input.setEncoding('utf8');
  input.on('data', onData);
  input.resume();
  return {
    [Symbol.dispose]() {
      input.off('data', onData);
      input.setRawMode(false);
      input.pause();
    },
  };
}
