/** Parentheses where a command may stand: a subshell, or arithmetic. */

import { arithmeticEnd, readArithmetic } from './arithmetic.ts';
import type { Grammar } from './grammar.ts';
import { readExpanding } from './words.ts';

export function readParenthesis(grammar: Grammar): void {
  const { cursor } = grammar;
  const opened = cursor.pos;
  const end = cursor.peek(1) === '(' ? arithmeticEnd(cursor, opened + 2) : -1;
  if (end >= 0) {
    cursor.pos = opened + 2;
    return readArithmetic(cursor, end, () => readExpanding(cursor, grammar).parts);
  }
  cursor.pos += 1;
  const inside = grammar.collect(() => grammar.list([]));
  if (inside.length === 0) cursor.fail('a command is missing');
  cursor.expect(')', opened, 'this parenthesis');
}
