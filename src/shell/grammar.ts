/** What the parts of bash's grammar share: where they read, what they have found, and how they reach one another. */

import { NotUnderstood } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { HereDocuments } from './here-documents.ts';
import type { Assignment, Redirect, ShellFunction, SimpleCommand, SyntaxProblem, Word } from './tree.ts';
import type { CommandReader } from './word-reader.ts';

/** A simple command that is still being read, or stands in something that is. */
export interface Draft {
  readonly assignments: Assignment[];
  readonly words: Word[];
  readonly redirects: Redirect[];
  input: readonly SimpleCommand[] | null;
  concurrent: boolean;
  readonly start: number;
  end: number;
}

export interface Collected {
  readonly commands: Draft[];
  readonly functions: ShellFunction[];
  readonly loops: Assignment[];
  readonly problems: SyntaxProblem[];
}

export interface Grammar extends CommandReader {
  readonly cursor: Cursor;
  readonly out: Collected;
  readonly documents: HereDocuments;
  /** Commands up to one of the words, a closing parenthesis or `;;`, which are left for the caller. */
  list(closers: readonly string[]): void;
  command(): void;
  /** Line ends and blanks, with the here-documents that stand behind them. */
  newlines(): void;
  /** The commands that `read` finds. */
  collect(read: () => void): readonly Draft[];
}

const RESERVED =
  /(?:if|then|elif|else|fi|while|until|do|done|for|select|case|esac|function|time|coproc|in|\[\[|\]\]|[{}!])(?=(?:\\\n)*(?:[\s;&|()<>]|$))/y;

/** The reserved word here, or null. */
export function reservedAt(cursor: Cursor): string | null {
  return cursor.match(RESERVED)?.[0] ?? null;
}

/** Takes the reserved word that closes what stands at `opened`. */
export function close({ cursor }: Grammar, word: string, opened: number): void {
  if (reservedAt(cursor) !== word) throw new NotUnderstood(opened, `this is not closed by ${word}`);
  cursor.pos += word.length;
}
