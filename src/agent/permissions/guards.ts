/**
 * Refusals that are more than a pattern: deletions and changes of rights of what everything else stands on, writes to
 * devices, programs fed to interpreters, functions that start themselves without end. Pure.
 */

import { posix } from 'node:path';

import { FETCHED, isCertain } from '../../shell/index.ts';
import type { Deeds } from '../../shell/index.ts';
import { destroyedPaths, unpackedFolders } from './destroyers.ts';
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
  const target =
    destroyedPaths(deed).find((path) => isAnywhere(path, around, isVital)) ??
    unpackedFolders(deed).find((path) => isAnywhere(path, around, isHomeOrSystem));
  return target === undefined
    ? null
    : { guard: 'destructive', why: `it would destroy or open up ${shownPath(target)}` };
}

const DEVICE =
  /^\/dev\/(?:(?:sd|hd|vd|xvd|nvme|mmcblk|dm-|md|loop|sr|ram|nbd|zd)[^/]*|(?:mapper|disk|block|mtd)\/.+|mem|kmem|port|nvram)$/;

const TOP = /^\/(?:bin|boot|dev|etc|home|lib\w*|media|mnt|opt|proc|root|run|sbin|srv|sys|usr|var)$/;
const BELOW = /^\/(?:usr\/(?:s?bin|lib\w*|share|local)|var\/(?:lib|log)|dev\/shm)$/;
const SYSTEM = /^\/(?:(?:usr\/)?(?:s?bin|lib\w*)|boot|dev|etc|proc|run|sys|usr|var)$/;
const EVERYTHING_IN = /\/(?:\*+|\.\*|\.\?\?\*|\.\[!\.\]\*|\.\.\?\*|\*\.\*|\[[^\]]*\]\*|\?\*)$/;

type Kind = (path: string, around: Surroundings) => boolean;

function isAnywhere(target: string, around: Surroundings & Whereabouts, isKind: Kind): boolean {
  return around.directories.some((directory) => isCertain(directory) && isFrom(target, { directory, around, isKind }));
}

interface Sought {
  readonly directory: string;
  readonly around: Surroundings;
  readonly isKind: Kind;
}

function isFrom(target: string, { directory, around, isKind }: Sought): boolean {
  if (/^\/+[\uE000-\uE002](?:\/+\*?)?$/u.test(target)) return true;
  if (!isCertain(target)) return false;
  const { realPath } = around;
  const whole = posix.resolve(directory, target);
  const inside = EVERYTHING_IN.test(whole);
  const base = inside ? whole.replace(EVERYTHING_IN, '') || '/' : whole;
  const follows = inside || /\/\.?$/.test(target);
  const real = follows ? realPath(base) : posix.join(realPath(posix.dirname(base)), posix.basename(base));
  return [base, posix.resolve(real)].some((path) => isKind(path, around));
}

function isVital(path: string, around: Surroundings): boolean {
  return isHome(path, around) || isTop(path) || isAbove(path, around.cwd);
}

/** The root, a home, or what homes lie in. */
function isHome(path: string, { keep }: Surroundings): boolean {
  return isRoot(path) || keep.some((kept) => covers(path, kept));
}

/** Programs are installed below /usr/local and /opt; what comes with the system is not unpacked by hand. */
function isHomeOrSystem(path: string, around: Surroundings): boolean {
  return isHome(path, around) || SYSTEM.test(path);
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
  return posix.normalize(path.replace(/[\uE000-\uE002]/gu, '…')).replace(/(?<=.)\/$/, '');
}
