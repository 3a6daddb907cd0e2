/** Loops: `for` and `select` in their forms, and the bodies that all loops have. */

import { METACHARACTERS } from './cursor.ts';
import { close, reservedAt } from './grammar.ts';
import type { Grammar } from './grammar.ts';
import { readParenthesis } from './parentheses.ts';
import type { Word } from './tree.ts';
import { readWord } from './words.ts';

export function readFor(grammar: Grammar, opened: number): void {
  const { cursor } = grammar;
  cursor.blanks();
  if (cursor.startsWith('((')) readParenthesis(grammar);
  else names(grammar);
  cursor.blanks();
  cursor.take(';');
  grammar.newlines();
  if (reservedAt(cursor) !== '{') return loopBody(grammar, opened);
  cursor.pos += 1;
  grammar.list(['}']);
  close(grammar, '}', opened);
}

function names(grammar: Grammar): void {
  const { cursor } = grammar;
  const name = cursor.match(/[A-Za-z_][A-Za-z0-9_]*/y)?.[0] ?? cursor.fail('a loop without a name');
  cursor.pos += name.length;
  grammar.newlines();
  if (!cursor.match(/in(?=[\s;&|()<>]|$)/y)) return;
  cursor.pos += 2;
  const values: Word[] = [];
  for (cursor.blanks(); !METACHARACTERS.includes(cursor.peek()) || cursor.atProcess; cursor.blanks()) {
    if (cursor.atEnd) break;
    values.push(readWord(cursor, grammar));
  }
  grammar.out.loops.push({ name, values });
}

/** From `do` to `done`. */
export function loopBody(grammar: Grammar, opened: number): void {
  close(grammar, 'do', opened);
  grammar.list(['done']);
  close(grammar, 'done', opened);
}
