/** Parentheses where a command may stand: a subshell, or arithmetic. */

import type { Grammar } from './grammar.ts';
import { arithmeticEnd, readArithmetic } from './words.ts';

export function readParenthesis(grammar: Grammar): void {
  const { cursor } = grammar;
  const opened = cursor.pos;
  const end = cursor.peek(1) === '(' ? arithmeticEnd(cursor, opened + 2) : -1;
  if (end >= 0) return expression(grammar, opened + 2, end);
  cursor.pos += 1;
  const inside = grammar.collect(() => grammar.list([]));
  if (inside.length === 0) cursor.fail('a command is missing');
  cursor.expect(')', opened, 'this parenthesis');
}

function expression(grammar: Grammar, from: number, end: number): void {
  const { cursor } = grammar;
  cursor.pos = from;
  cursor.within(end, () => readArithmetic(cursor, grammar));
  cursor.pos = end + 2;
}
