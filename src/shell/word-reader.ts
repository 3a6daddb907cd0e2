/** What words and the expansions in them read with; each contains the other, and both contain commands. */

import type { Cursor } from './cursor.ts';
import type { SimpleCommand, WordPart } from './tree.ts';

export interface CommandReader {
  /** Commands up to the closing parenthesis, which is left for the caller. */
  untilParenthesis(stdin?: 'piped'): readonly SimpleCommand[];
  /** All commands of another text: the inside of back-ticks, without its backslashes. */
  whole(text: string): readonly SimpleCommand[];
}

export interface WordReader {
  readonly cursor: Cursor;
  readonly commands: CommandReader;
  /** Text in which only the backslash, `$` and the back-tick mean something. */
  expanding(ends: () => boolean): WordPart[];
  /** What stands in double quotes, which begin here. */
  double(): WordPart[];
  /** Up to the closing brace, with quotes of its own. */
  inBraces(quoted: boolean): WordPart[];
}

export function literal(text: string, quoted: boolean): WordPart {
  return { kind: 'text', text, quoted };
}
