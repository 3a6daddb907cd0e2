/** Files that are whole or absent: written beside their place, flushed, and renamed into it. */

import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'; // prettier-ignore
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';

import { AppError } from '../contract/errors.ts';

/**
 * Makes a folder and those above it, where there are none. As Node's recursive `mkdir`, but that one never returns where
 * a file system says `ENOENT` below a folder that exists, as /proc does: for paths that people name.
 */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && statIfThere(path)?.isDirectory() === true) return;
    if (!hasCode(error, 'ENOENT') || existsSync(dirname(path))) throw cannotBeMade(path, error);
    makeFolder(dirname(path), mode);
    makeFolder(path, mode);
  }
}

function cannotBeMade(path: string, cause: unknown): unknown {
  if (!['EEXIST', 'ENOENT', 'ENOTDIR'].some((code) => hasCode(cause, code))) return cause;
  const why = hasCode(cause, 'EEXIST') ? 'something else is there' : 'there can be none';
  return new AppError('PERMISSION_DENIED', `no folder can be made at ${path}: ${why}`, {
    cause,
    hint: 'name another place',
  });
}

/** Undefined where nothing is, also below what is no folder: of that Node's own `throwIfNoEntry` knows nothing. */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Takes from a folder or a file all that anybody but its owner may do with it. What is not ours to change stays as it is. */
export function closeToOthers(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o077) === 0) return;
  try {
    chmodSync(path, mode & 0o700);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) throw error;
  }
}

/** A file of our own that a program will append to: empty where there is none. A device or pipe in its place is left alone. */
export function ensurePrivateFile(path: string): void {
  const found = statIfThere(path);
  if (found === undefined) closeSync(openSync(path, 'a', 0o600));
  else if (found.isFile()) closeToOthers(path);
}

/** Replaces `path` by `text` so that a reader, or a crash, sees the old text or the new, never a part. Mode 0600. */
export function writeFileAtomic(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    // Unlike `writeSync` it goes on where a disk that is nearly full has taken a part.
    writeFileSync(handle, text);
    fsyncSync(handle);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw placed(error, path);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, path);
}

/** What a write to a handle throws names no file. */
function placed(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  return Object.assign(new Error(`${error.message} '${path}'`, { cause: error }), { code: error.code });
}

/** The text of a file, or null when there is no such file. */
export function readFileIfExists(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

export function removeFile(path: string): void {
  rmSync(path, { force: true });
}

/** True for a Node error with this `code`, e.g. `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Why nothing can be written to a folder, or null. It is tried, since rights do not tell of read-only or full file systems. */
export function writeRefusal(folder: string): unknown {
  const trial = join(folder, `.trial-${process.pid}`);
  try {
    writeFileSync(trial, 'x');
    return null;
  } catch (error) {
    return error;
  } finally {
    removeFile(trial);
  }
}
