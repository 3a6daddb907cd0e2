/** Compound commands, by the word or parenthesis that they begin with, and the redirections behind them. */

import { NotUnderstood } from './cursor.ts';
import { readCase } from './case-command.ts';
import { close, reservedAt } from './grammar.ts';
import type { Grammar } from './grammar.ts';
import { loopBody, readFor } from './loops.ts';
import { readParenthesis } from './parentheses.ts';
import { readRedirects } from './redirects.ts';
import { readWord } from './words.ts';

/** `word` is the reserved word here; null: a parenthesis. The redirections behind it count for all commands inside. */
export function readCompound(grammar: Grammar, word: string | null): void {
  const inside = grammar.collect(() => (word === null ? readParenthesis(grammar) : compoundOf(grammar, word)));
  const redirects = readRedirects(grammar);
  for (const command of inside) command.redirects.push(...redirects);
}

function compoundOf(grammar: Grammar, word: string): void {
  const opened = grammar.cursor.pos;
  grammar.cursor.pos += word.length;
  switch (word) {
    case '{':
      grammar.list(['}']);
      return close(grammar, '}', opened);
    case 'if':
      return branches(grammar, opened);
    case 'while':
    case 'until':
      grammar.list(['do']);
      return loopBody(grammar, opened);
    case 'for':
    case 'select':
      return readFor(grammar, opened);
    case 'case':
      return readCase(grammar, opened);
    case '[[':
      return readTest(grammar, opened);
    default:
      throw new NotUnderstood(opened, `"${word}" is not expected here`);
  }
}

function branches(grammar: Grammar, opened: number): void {
  const { cursor } = grammar;
  grammar.list(['then']);
  close(grammar, 'then', opened);
  grammar.list(['elif', 'else', 'fi']);
  if (reservedAt(cursor) === 'elif') {
    cursor.pos += 4;
    return branches(grammar, opened);
  }
  if (reservedAt(cursor) === 'else') {
    cursor.pos += 4;
    grammar.list(['fi']);
  }
  close(grammar, 'fi', opened);
}

/** `[[ … ]]`: nothing in it runs but the substitutions of its words. */
function readTest(grammar: Grammar, opened: number): void {
  const { cursor } = grammar;
  for (;;) {
    cursor.blanks();
    if (cursor.atEnd) throw new NotUnderstood(opened, 'this is not closed by ]]');
    if (cursor.match(/\]\](?=[\s;&|()<>]|$)/y)) break;
    const operator = cursor.match(/&&|\|\||[()<>\n|]/y)?.[0];
    if (operator !== undefined && !cursor.atProcess) cursor.pos += operator.length;
    else if (readWord(cursor, grammar).parts.length === 0) cursor.fail(`"${cursor.peek()}" is not expected here`);
  }
  cursor.pos += 2;
}
