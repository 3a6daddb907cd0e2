/**
 * Patterns of commands: words with `*` and `?`, matched from the first word on, so that `git push` is also
 * `git push --force`. A pattern `> PATH` is any redirection that writes there. Pure.
 */

import { isCertain, programName } from '../../shell/index.ts';
import type { Deed } from '../../shell/index.ts';

/** Folders in which a program may lie and still be meant by its bare name in `allow`. */
const SYSTEM_FOLDERS = /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/;

/** `deny` and `ask` mean a program wherever it lies, `allow` only where the system has it. */
export type Reach = 'anywhere' | 'system';

export function matchesPattern(pattern: string, deed: Deed, reach: Reach): boolean {
  const tokens = pattern.split(/\s+/).filter((token) => token !== '');
  const [first = '', ...rest] = tokens;
  if (first.startsWith('>')) return matchesRedirect([first.slice(1), ...rest].join(' ').trim(), deed);
  const [program, ...words] = deed.words;
  if (program === undefined || !matchesProgram(first, program, reach)) return false;
  if (rest.at(-1) === '*') rest.pop();
  return rest.every((token, index) => matchesWord(token, words[index]));
}

function matchesRedirect(pattern: string, { redirects }: Deed): boolean {
  return redirects.some(({ operator, target }) => writes(operator) && glob(pattern).test(target));
}

export function writes(operator: string): boolean {
  return operator.includes('>');
}

function matchesProgram(token: string, program: string, reach: Reach): boolean {
  if (!isCertain(program)) return token === '*' && reach === 'anywhere';
  if (token.includes('/') || !program.includes('/')) return glob(token).test(program);
  return (reach === 'anywhere' || SYSTEM_FOLDERS.test(program)) && glob(token).test(programName(program));
}

function matchesWord(token: string, word: string | undefined): boolean {
  return word !== undefined && glob(token).test(word);
}

const GLOBS = new Map<string, RegExp>();

function glob(pattern: string): RegExp {
  const known = GLOBS.get(pattern);
  if (known !== undefined) return known;
  const source = pattern.replace(/[\\^$.*+?()[\]{}|]/g, (character) =>
    character === '*' ? '.*' : character === '?' ? '.' : `\\${character}`,
  );
  const expression = new RegExp(`^${source}$`, 'su');
  if (GLOBS.size > 2_000) GLOBS.clear();
  GLOBS.set(pattern, expression);
  return expression;
}

/** Does a host of a network list mean this one? */
export function matchesHost(pattern: string, host: string): boolean {
  return glob(pattern.toLowerCase()).test(host.toLowerCase());
}
