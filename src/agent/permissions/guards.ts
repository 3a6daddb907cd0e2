/**
 * Refusals that are more than a pattern: deletions and changes of rights of what everything else stands on, writes to
 * devices, programs fed to interpreters, functions that start themselves without end. Pure.
 */

import { posix } from 'node:path';

import { FETCHED, isCertain, programName } from '../../shell/index.ts';
import type { Deed, Deeds } from '../../shell/index.ts';
import type { Form } from './patterns.ts';
import type { Guard } from './policy.ts';

export interface Surroundings {
  /** Where the command runs. */
  readonly cwd: string;
  /** Folders that must stay: of the user, of Drover. */
  readonly keep: readonly string[];
  /** The path behind links, or the path itself. */
  readonly realPath: (path: string) => string;
}

export interface Whereabouts {
  /** Where the text may be when one of its commands runs. */
  readonly directories: readonly string[];
}

/** The guard that a deed runs into, or null. */
export function guardAgainst(
  deed: Form,
  all: Deeds,
  around: Surroundings & Whereabouts,
): { guard: Guard; why: string } | null {
  const [first = ''] = deed.words;
  if (all.bombs.includes(first)) return { guard: 'fork_bomb', why: `${first} starts itself again without end` };
  if (deed.code === 'piped') return { guard: 'interpreter_pipe', why: 'a pipe into an interpreter' };
  if (deed.code === 'fetched' || first.includes(FETCHED)) {
    return { guard: 'interpreter_pipe', why: 'code that is fetched or decoded when it runs' };
  }
  const device = deed.written.find((path) => DEVICE.test(path));
  if (device !== undefined) return { guard: 'devices', why: `it would write to ${device}` };
  const target = destroyed(deed).find((path) => isVital(path, around));
  return target === undefined
    ? null
    : { guard: 'destructive', why: `it would destroy or open up ${shownPath(target)}` };
}

const DEVICE =
  /^\/dev\/(?:(?:sd|hd|vd|xvd|nvme|mmcblk|dm-|md|loop|sr|ram|nbd|zd)[^/]*|(?:mapper|disk|block|mtd)\/.+|mem|kmem|port|nvram)$/;

/** Paths that a deed deletes, moves away or gives other rights, with all below them. */
function destroyed({ words: [program = '', ...rest] }: Deed): string[] {
  const name = isCertain(program) ? programName(program) : '';
  const { flags, operands } = splitOptions(rest);
  const recursive = flags.some((flag) => /^-[A-Za-z]*[rR]/.test(flag) || /^--r(?:e(?:c\w*)?)?$/.test(flag));
  if (name === 'rm' || (name === '' && isForceful(flags))) return recursive ? operands : [];
  if (name === 'chmod' || name === 'chown' || name === 'chgrp') return recursive ? operands.slice(1) : [];
  if (name === 'mv') return operands.slice(0, -1);
  if (name === 'shred') return operands;
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

const TOP = /^\/(?:bin|boot|dev|etc|home|lib\w*|media|mnt|opt|proc|root|run|sbin|srv|sys|usr|var)$/;
const BELOW = /^\/(?:usr\/(?:s?bin|lib\w*|share|local)|var\/(?:lib|log)|dev\/shm)$/;
const EVERYTHING_IN = /\/(?:\*+|\.\*|\.\?\?\*|\.\[!\.\]\*|\.\.\?\*|\*\.\*|\[[^\]]*\]\*|\?\*)$/;

function isVital(target: string, around: Surroundings & Whereabouts): boolean {
  return around.directories.some((directory) => isCertain(directory) && isVitalFrom(target, directory, around));
}

function isVitalFrom(target: string, directory: string, { keep, cwd, realPath }: Surroundings): boolean {
  if (/^\/+[\uE000-\uE002](?:\/+\*?)?$/u.test(target)) return true;
  if (!isCertain(target)) return false;
  const whole = posix.resolve(directory, target);
  const inside = EVERYTHING_IN.test(whole);
  const base = inside ? whole.replace(EVERYTHING_IN, '') || '/' : whole;
  const follows = inside || /\/\.?$/.test(target);
  const real = follows ? realPath(base) : posix.join(realPath(posix.dirname(base)), posix.basename(base));
  const paths = [base, posix.resolve(real)];
  return paths.some(
    (path) => isRoot(path) || isTop(path) || keep.some((kept) => covers(path, kept)) || isAbove(path, cwd),
  );
}

function isRoot(path: string): boolean {
  return path === '/' || /^\/[^/]*[*?[][^/]*$/.test(path);
}

function isTop(path: string): boolean {
  return TOP.test(path) || BELOW.test(path);
}

function covers(path: string, kept: string): boolean {
  return path === kept || isAbove(path, kept);
}

function isAbove(path: string, below: string): boolean {
  return below.startsWith(`${path}/`);
}

function shownPath(path: string): string {
  return path.replace(/[\uE000-\uE002]/gu, '…');
}
