/**
 * Patterns of commands: words with `*` and `?`, matched from the first word on, so that `git push` is also
 * `git push --force`. A pattern `> PATH` is any redirection, copy and the like that writes there. Pure.
 */

import { isCertain, programName } from '../../shell/index.ts';
import type { Deed } from '../../shell/index.ts';

/** Folders in which a program may lie and still be meant by its bare name in `allow`. */
const SYSTEM_FOLDERS = /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/;

/** `deny` and `ask` mean a program wherever it lies, `allow` only where the system has it. */
type Reach = 'anywhere' | 'system';

/** A deed with the paths that it writes, by every name that they may have. */
export interface Form extends Deed {
  readonly written: readonly string[];
}

export function matchesPattern(pattern: string, form: Form, reach: Reach): boolean {
  const { redirect, program, isPath, rest } = compiled(pattern);
  if (redirect !== null) return form.written.some((path) => redirect.test(path));
  const [name, ...words] = form.words;
  if (name === undefined || !matchesProgram({ program, isPath }, name, reach)) return false;
  return rest.every((token, index) => {
    const word = words[index];
    return word !== undefined && token.test(word);
  });
}

function matchesProgram(
  { program, isPath }: Pick<Compiled, 'program' | 'isPath'>,
  name: string,
  reach: Reach,
): boolean {
  if (!isCertain(name)) return reach === 'anywhere' && program.source === ANYTHING;
  if (isPath || !name.includes('/')) return program.test(name);
  return (reach === 'anywhere' || SYSTEM_FOLDERS.test(name)) && program.test(programName(name));
}

interface Compiled {
  /** Of `> PATH`. */
  readonly redirect: RegExp | null;
  readonly program: RegExp;
  readonly isPath: boolean;
  readonly rest: readonly RegExp[];
}

const ANYTHING = '^.*$';
/** Patterns are few and asked for every command. */
const COMPILED = new Map<string, Compiled>();

function compiled(pattern: string): Compiled {
  const known = COMPILED.get(pattern);
  if (known !== undefined) return known;
  if (COMPILED.size > 2_000) COMPILED.clear();
  const made = compile(pattern);
  COMPILED.set(pattern, made);
  return made;
}

function compile(pattern: string): Compiled {
  const [first = '', ...rest] = pattern.split(/\s+/).filter((token) => token !== '');
  const isRedirect = first.startsWith('>');
  if (rest.at(-1) === '*') rest.pop();
  return {
    redirect: isRedirect ? glob([first.slice(1), ...rest].join(' ').trim()) : null,
    program: glob(first),
    isPath: first.includes('/'),
    rest: rest.map(glob),
  };
}

function glob(pattern: string): RegExp {
  const source = pattern.replace(/[\\^$.*+?()[\]{}|]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  );
  return new RegExp(`^${source}$`, 'su');
}

/** Does a host of a network list mean this one? */
export function matchesHost(pattern: string, host: string): boolean {
  return glob(pattern.toLowerCase()).test(host.toLowerCase());
}
