/**
 * Commands that need no shell of their own: one program with plain words, or a builtin that only says something, and
 * files for what they print. What bash would do with them is what happens, without the start of a bash; everything else
 * is left to bash. Pure but for the look at the search path.
 */

import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Redirection } from '../../kernel/index.ts';

export interface PlainCommand {
  readonly words: readonly [string, ...string[]];
  readonly builtin: boolean;
  readonly redirections: readonly Redirection[];
}

/** Characters that mean nothing to bash, wherever they stand in an argument; and text in single quotes. */
const WORD = String.raw`(?:[A-Za-z0-9_@%+:,./=-]|'[^'\n]*')+`;
/** A number belongs to an operator only where a blank stands before it. */
const REDIRECTION = String.raw`[ \t]+(?:[12]?>>?[ \t]*${WORD}|2>&1)`;
const PLAIN = new RegExp(String.raw`^([A-Za-z0-9_.+/-]+(?:[ \t]+${WORD})*)((?:${REDIRECTION})*)$`);
const WORDS = new RegExp(WORD, 'g');
const REDIRECTIONS = new RegExp(String.raw`([12]?>>?|2>&)[ \t]*(${WORD})`, 'g');

/** Builtins that read and change nothing of their shell. */
const TELLERS: ReadonlySet<string> = new Set(['true', 'false', 'echo']);

/** What bash does itself, or takes for the beginning of something larger. */
const BASH_OWN: ReadonlySet<string> = new Set(
  (
    'alias bg bind break builtin caller case cd command compgen complete compopt continue coproc declare dirs disown do ' +
    'done elif else enable esac eval exec exit export fc fg fi for function getopts hash help history if in jobs kill let ' +
    'local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test ' +
    'then time times trap type typeset ulimit umask unalias unset until wait while'
  ).split(' '),
);

/** Longer ones are programs of their own. */
const LONGEST = 4_096;

/** Null for what only bash understands. */
export function plainCommand(command: string): PlainCommand | null {
  const text = command.trim();
  const [, said = '', sent = ''] = (text.length <= LONGEST && PLAIN.exec(text)) || [];
  const [file, ...args] = (said.match(WORDS) ?? []).map(unquoted);
  if (file === undefined || file === '.' || BASH_OWN.has(file)) return null;
  const builtin = TELLERS.has(file);
  const saysMore = args.some((arg) => arg.startsWith('-') || arg.includes('\\'));
  return builtin && saysMore ? null : { words: [file, ...args], builtin, redirections: redirectionsOf(sent) };
}

function redirectionsOf(text: string): readonly Redirection[] {
  return [...text.matchAll(REDIRECTIONS)].map(([, operator = '', target = '']) => ({
    operator: operator as Redirection['operator'], // the expression names no other
    target: unquoted(target),
  }));
}

function unquoted(word: string): string {
  return word.replaceAll("'", '');
}

const found = new Set<string>();

/** True when the program is there; bash is left to say it when it is not. What was found is not looked for again. */
export function isProgram(file: string, { cwd, path }: { readonly cwd: string; readonly path: string }): boolean {
  if (file.includes('/')) return isExecutable(resolve(cwd, file));
  const key = `${path}\n${file}`;
  if (found.has(key)) return true;
  const there = path.split(':').some((folder) => folder.startsWith('/') && isExecutable(join(folder, file)));
  if (there) found.add(key);
  return there;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
