/**
 * Commands that need no shell of their own: one program with plain words, or a builtin that only says something. What
 * bash would do with them is what happens, without the start of a bash; everything else is left to bash. Pure but for
 * the look at the search path.
 */

import { accessSync, constants } from 'node:fs';
import { join, resolve } from 'node:path';

interface PlainCommand {
  readonly words: readonly [string, ...string[]];
  readonly builtin: boolean;
}

/** Characters that mean nothing to bash, wherever they stand in an argument; and text in single quotes. */
const WORD = String.raw`(?:[A-Za-z0-9_@%+:,./=-]|'[^'\n]*')+`;
const PLAIN = new RegExp(String.raw`^[A-Za-z0-9_.+/-]+(?:[ \t]+${WORD})*$`);
const WORDS = new RegExp(WORD, 'g');

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
  if (text.length > LONGEST || !PLAIN.test(text)) return null;
  const [file, ...args] = (text.match(WORDS) ?? []).map((word) => word.replaceAll("'", ''));
  if (file === undefined || file === '.' || BASH_OWN.has(file)) return null;
  if (!TELLERS.has(file)) return { words: [file, ...args], builtin: false };
  const saysMore = args.some((arg) => arg.startsWith('-') || arg.includes('\\'));
  return saysMore ? null : { words: [file, ...args], builtin: true };
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
