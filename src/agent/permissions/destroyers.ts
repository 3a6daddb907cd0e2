/** Programs that take away what is there: which of their arguments are the paths. Pure. */

import { posix } from 'node:path';

import { isCertain, programName } from '../../shell/index.ts';
import type { Deed } from '../../shell/index.ts';
import { valuesOf, writtenArguments } from './writers.ts';

/** Paths that a deed deletes, moves away or gives other rights, with all below them. */
export function destroyedPaths({ words: [program = '', ...rest] }: Pick<Deed, 'words'>): readonly string[] {
  const name = isCertain(program) ? programName(program) : '';
  const { flags, operands } = splitOptions(rest);
  const recursive = flags.some((flag) => /^-[A-Za-z]*[rR]/.test(flag) || /^--r(?:e(?:c\w*)?)?$/.test(flag));
  if (name === 'rm' || (name === '' && isForceful(flags))) return recursive ? operands : [];
  if (name === 'chmod' || name === 'chown' || name === 'chgrp') return recursive ? operands.slice(1) : [];
  if (name === 'mv') return operands.slice(0, -1);
  if (name === 'shred') return operands;
  if (name === 'rsync') return rest.some((word) => /^--del(?:ete.*)?$/.test(word)) ? mirrored(rest) : [];
  if (name === 'git') return cleaned(rest);
  return name === 'find' && deletes(rest) ? startsOf(rest) : [];
}

/** A program that is known only when it runs, called as `rm -rf` is. */
function isForceful(flags: readonly string[]): boolean {
  const letters = flags.filter((flag) => !flag.startsWith('--')).join('');
  return /[rR]/.test(letters) && letters.includes('f');
}

function splitOptions(words: readonly string[]): { readonly flags: string[]; readonly operands: string[] } {
  const end = words.indexOf('--');
  const head = end < 0 ? words : words.slice(0, end);
  const tail = end < 0 ? [] : words.slice(end + 1);
  const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-';
  return { flags: head.filter(isFlag), operands: [...head.filter((word) => !isFlag(word)), ...tail] };
}

function deletes(words: readonly string[]): boolean {
  return words.some(
    (word, index) => word === '-delete' || (word.startsWith('-exec') && programName(words[index + 1] ?? '') === 'rm'),
  );
}

/** `find` narrows by name and the like: only a search of everything counts. */
function startsOf(words: readonly string[]): string[] {
  const narrowed = words.some((word) =>
    /^-(?:i?name|i?path|i?regex|newer\w*|[acm]time|[acm]min|size|empty|user|maxdepth)$/.test(word),
  );
  if (narrowed) return [];
  const first = words.findIndex((word) => /^[-(!]/.test(word));
  return words.slice(0, first < 0 ? words.length : first);
}

/** Into a link to a folder, not over the link. */
function mirrored(words: readonly string[]): string[] {
  return writtenArguments('rsync', words).map((path) => `${path}/`);
}

const GIT_FOLDER = /^(?:-C|--work-tree=?)(.*)$/s;

/** What `git clean` empties: the paths that it is given, else all of where it works. */
function cleaned(words: readonly string[]): string[] {
  const at = words.indexOf('clean');
  const { flags, operands } = splitOptions(words.slice(at + 1).filter((_, index, all) => all[index - 1] !== '-e'));
  const forced = flags.some((flag) => /^-[a-z]*f|^--force$/.test(flag));
  const only = flags.some((flag) => /^-[a-z]*n|^--dry-run$/.test(flag));
  if (at < 0 || !forced || only) return [];
  const folder = valuesOf(words.slice(0, at), GIT_FOLDER).reduce(below, '.');
  return operands.length === 0 ? [`${folder}/`] : operands.map((path) => below(folder, path));
}

function below(folder: string, path: string): string {
  return path.startsWith('/') ? path : posix.join(folder, path);
}

const TAR_FOLDER = /^(?:-C|--directory=?)(.*)$/s;
/** `x` before any letter that takes a value. */
const UNPACKS = /^[^-fCTXIbgHKLNV]*x/;

/** Where an archive is unpacked: what lies there is overwritten, and its rights with it. */
export function unpackedFolders({ words: [program = '', ...rest] }: Pick<Deed, 'words'>): readonly string[] {
  if (!isCertain(program) || programName(program) !== 'tar' || !unpacks(rest)) return [];
  const folders = valuesOf(rest, TAR_FOLDER);
  return folders.length === 0 ? ['./'] : folders.map((folder) => `${folder}/`);
}

/** The letters need no dash in the first word. */
function unpacks([first = '', ...rest]: readonly string[]): boolean {
  const letters = [
    first.replace(/^-/, ''),
    ...rest.filter((word) => word.startsWith('-')).map((word) => word.slice(1)),
  ];
  return (
    letters.some((word) => UNPACKS.test(word)) || [first, ...rest].some((word) => /^--(?:extract|get)$/.test(word))
  );
}
