/** Which paths a deed writes, as far as its text says: by redirection, or as arguments of programs known to write them. Pure. */

import { posix } from 'node:path';

import { isCertain, programName, UNKNOWN } from '../../shell/index.ts';
import type { Deed, Deeds } from '../../shell/index.ts';
import type { Case } from './case.ts';
import { writtenArguments } from './writers.ts';

/** As written in the text, without doubled slashes and steps to nowhere. */
export function writtenPaths({ words, redirects }: Deed): string[] {
  const [program = '', ...rest] = words;
  const targets = redirects.filter(writesFile).map(({ target }) => target);
  return [...targets, ...writtenArguments(programName(program), rest)].map(normal);
}

/** A number or a dash after `>&` is a descriptor. */
function writesFile({ operator, target }: Deed['redirects'][number]): boolean {
  return operator.includes('>') && !(operator.endsWith('&') && /^(?:\d+-?|-)$/.test(target));
}

function normal(path: string): string {
  return path === '' ? path : posix.normalize(path);
}

/** A text that goes to more folders may be anywhere. */
const MOST_DIRECTORIES = 32;

/** Where relative paths may start: the batch folder, and every folder that the text goes to; not all are certain. */
export function directoriesOf({ deeds }: Deeds, { cwd, environment }: Pick<Case, 'cwd' | 'environment'>): string[] {
  const home = environment?.['HOME'] ?? UNKNOWN;
  const visited = deeds
    .filter(({ words: [program] }) => program === 'cd' || program === 'pushd')
    .map(({ words }) => words.slice(1).find((word) => !word.startsWith('-')) ?? home);
  const places = [...new Set([cwd, ...visited.map((path) => placeOf(path, cwd))])];
  return places.length <= MOST_DIRECTORIES ? places : [...places.slice(0, MOST_DIRECTORIES), UNKNOWN];
}

/** A path from a directory; one that is not certain stays as it is written. */
export function placeOf(path: string, directory: string): string {
  if (path === '' || !isCertain(path)) return path;
  return isCertain(directory) ? posix.resolve(directory, path) : posix.join(directory, path);
}
