/** Which paths a deed writes, as far as its text says: by redirection, or as arguments of programs known to write them. Pure. */

import { posix } from 'node:path';

import { programName } from '../../shell/index.ts';
import type { Deed } from '../../shell/index.ts';

/** Every operand is written. */
const WRITES_ALL: ReadonlySet<string> = new Set('tee truncate shred badblocks'.split(' '));
/** The last operand is written, or the folder of `-t`. */
const WRITES_LAST: ReadonlySet<string> = new Set('cp mv install ln ddrescue'.split(' '));

/** As written in the text, without doubled slashes and steps to nowhere. */
export function writtenPaths({ words, redirects }: Deed): string[] {
  const [program = '', ...rest] = words;
  const targets = redirects.filter(({ operator }) => writes(operator)).map(({ target }) => target);
  // `dd` by any name: nothing else takes `of=`.
  const outputs = rest.filter((word) => word.startsWith('of=')).map((word) => word.slice(3));
  return [...targets, ...outputs, ...writtenArguments(programName(program), rest)].map(normal);
}

export function writes(operator: string): boolean {
  return operator.includes('>');
}

function writtenArguments(name: string, rest: readonly string[]): readonly string[] {
  const operands = rest.filter((word) => !word.startsWith('-'));
  if (WRITES_ALL.has(name)) return operands;
  return WRITES_LAST.has(name) ? [...operands.slice(-1), ...targetFolders(rest)] : [];
}

/** Of `-t FOLDER`, `-tFOLDER` and `--target-directory=FOLDER`. */
function targetFolders(rest: readonly string[]): string[] {
  return rest.flatMap((word, index) => {
    if (word === '-t' || word === '--target-directory') return rest[index + 1] ?? [];
    return /^(?:-t|--target-directory=)(.+)$/s.exec(word)?.[1] ?? [];
  });
}

function normal(path: string): string {
  return path === '' ? path : posix.normalize(path);
}
