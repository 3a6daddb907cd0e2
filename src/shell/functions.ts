/** Definitions of functions, with and without the word. */

import type { Cursor } from './cursor.ts';
import { reservedAt } from './grammar.ts';
import type { Grammar } from './grammar.ts';

const FUNCTION_NAME = /[^\s;&|()<>"'\\$`{}]+/y;
const DEFINITION = /([^\s;&|()<>"'\\$`{}=]+)[ \t]*\([ \t]*\)/y;

/** `NAME () …`, when that stands here. */
export function readDefinition(grammar: Grammar): 'read' | 'none' {
  const name = grammar.cursor.match(DEFINITION)?.[1];
  if (name === undefined) return 'none';
  emptyParentheses(grammar.cursor);
  body(grammar, name);
  return 'read';
}

/** `function NAME …`. */
export function readFunction(grammar: Grammar): void {
  const { cursor } = grammar;
  cursor.pos += 'function'.length;
  cursor.blanks();
  const name = cursor.match(FUNCTION_NAME)?.[0] ?? cursor.fail('a function without a name');
  cursor.pos += name.length;
  cursor.blanks();
  if (cursor.match(/\([ \t]*\)/y)) emptyParentheses(cursor);
  body(grammar, name);
}

function emptyParentheses(cursor: Cursor): void {
  cursor.pos = cursor.text.indexOf(')', cursor.pos) + 1;
}

function body(grammar: Grammar, name: string): void {
  grammar.newlines();
  const { cursor } = grammar;
  if (cursor.peek() !== '(' && reservedAt(cursor) === null) cursor.fail('a function without a body');
  const commands = grammar.collect(() => grammar.command());
  grammar.out.functions.push({ name, commands });
}
