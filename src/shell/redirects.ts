/** Redirections: one, or all that stand in a row. */

import type { Grammar } from './grammar.ts';
import type { Redirect } from './tree.ts';
import { readWord } from './words.ts';

const REDIRECT = /(\d+|\{[A-Za-z_][A-Za-z0-9_]*\})?(<<<|<<-|<<|<>|<&|>&|>>|>\||&>>|&>|<|>)/y;

/** The redirection here, or null. */
export function readRedirect(grammar: Grammar): Redirect | null {
  const { cursor } = grammar;
  if (cursor.atProcess) return null;
  const found = cursor.match(REDIRECT);
  if (found === null) return null;
  const [, descriptor = '', operator = ''] = found;
  cursor.pos += found[0].length;
  cursor.blanks();
  const start = cursor.pos;
  const target = readWord(cursor, grammar);
  if (target.parts.length === 0) cursor.fail('a redirection without a target');
  const redirect: Redirect = { descriptor, operator, target, body: null };
  if (operator === '<<' || operator === '<<-')
    grammar.documents.announce(redirect, cursor.text.slice(start, cursor.pos));
  return redirect;
}

export function readRedirects(grammar: Grammar): readonly Redirect[] {
  const redirects: Redirect[] = [];
  for (;;) {
    grammar.cursor.blanks();
    const redirect = readRedirect(grammar);
    if (redirect === null) return redirects;
    redirects.push(redirect);
  }
}
