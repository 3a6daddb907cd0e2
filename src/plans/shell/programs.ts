/** Finds the words of a command that another program reads as code, by their places in the text. */

import { programName, programReading, WRAPPERS } from '../../shell/index.ts';
import { LEADING_WORDS } from './scan.ts';
import type { Range, ShellCommand } from './shell-scan.ts';

export interface ProgramText extends Range {
  /** Who reads it, for the message: `bash -c`, `awk`. */
  readonly reader: string;
}

export function programTexts(text: string, command: ShellCommand): ProgramText[] {
  const words = command.words.map(({ start, end }) => ({
    start,
    end,
    text: text.slice(start, end).replace(/["'\\]/g, ''),
  }));
  const first = words.findIndex(
    ({ text: word }) => !LEADING_WORDS.has(word) && !/^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(word),
  );
  if (first < 0) return [];
  const wrapped = WRAPPERS.has(programName(words[first]?.text ?? ''));
  const candidates = wrapped ? words.slice(first) : words.slice(first, first + 1);
  return candidates.flatMap((_, offset) => {
    const reading = programReading(words.slice(first + offset));
    if (reading === null) return [];
    const inputs = reading.stdin ? command.inputs : [];
    return [...reading.code, ...inputs].map(({ start, end }) => ({ start, end, reader: reading.reader }));
  });
}
