/** A simple command: assignments, words and redirections, in any order that bash takes. */

import { METACHARACTERS, NotUnderstood } from './cursor.ts';
import type { Draft, Grammar } from './grammar.ts';
import { readRedirect } from './redirects.ts';
import type { Assignment, Word } from './tree.ts';
import { readWord } from './words.ts';

const ASSIGNMENT = /([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\s]*\])?\+?=/y;
/** Where an assignment could stand, bash reads on to the closing bracket. */
const SUBSCRIPT = /[A-Za-z_][A-Za-z0-9_]*\[/y;
const DECLARES: ReadonlySet<string> = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);

export function readSimple(grammar: Grammar): void {
  const { cursor } = grammar;
  const draft: Draft = {
    assignments: [],
    words: [],
    redirects: [],
    input: null,
    concurrent: false,
    start: cursor.pos,
    end: cursor.pos,
  };
  while (part(grammar, draft)) {
    draft.end = cursor.pos;
    cursor.blanks();
  }
  if (draft.end === draft.start)
    cursor.fail(cursor.atEnd ? 'a command is missing' : `"${cursor.peek()}" is not expected here`);
  grammar.out.commands.push(draft);
}

function part(grammar: Grammar, draft: Draft): boolean {
  const { cursor } = grammar;
  if (cursor.atEnd) return false;
  const redirect = readRedirect(grammar);
  if (redirect !== null) return draft.redirects.push(redirect) > 0;
  if (METACHARACTERS.includes(cursor.peek()) && !cursor.atProcess) return false;
  const found = cursor.match(ASSIGNMENT);
  if (found !== null && (draft.words.length === 0 || declares(draft))) {
    draft.assignments.push(readAssignment(grammar, found));
    return true;
  }
  if (draft.words.length === 0 && cursor.match(SUBSCRIPT)) cursor.fail('an array subscript that is not simple');
  draft.words.push(readWord(cursor, grammar));
  return true;
}

function declares({ words: [first] }: Draft): boolean {
  const [only, ...others] = first?.parts ?? [];
  return others.length === 0 && only?.kind === 'text' && DECLARES.has(only.text);
}

function readAssignment(grammar: Grammar, [written, name = '']: RegExpExecArray): Assignment {
  const { cursor } = grammar;
  const subscript = /\[(.*)\]/s.exec(written)?.[1] ?? '';
  if (/[$`"'\\]/.test(subscript)) cursor.fail('an array subscript that is computed');
  cursor.pos += written.length;
  if (cursor.peek() !== '(') return { name, values: [readWord(cursor, grammar)] };
  return { name, values: array(grammar) };
}

function array(grammar: Grammar): Word[] {
  const { cursor } = grammar;
  const opened = cursor.pos;
  cursor.pos += 1;
  const values: Word[] = [];
  for (grammar.newlines(); !cursor.take(')'); grammar.newlines()) {
    const word = readWord(cursor, grammar);
    if (word.parts.length === 0) throw new NotUnderstood(opened, 'this parenthesis is not closed');
    values.push(word);
  }
  return values;
}
