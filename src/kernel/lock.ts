/**
 * A lock that a crash cannot wedge: a file that names its holder by process identity. A holder that no longer
 * runs has lost it. Taken by hard link, so that two takers cannot both win.
 */

import { linkSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { hasCode, readFileIfExists, removeFile } from './files.ts';
import { identifyProcess, isProcessIdentity, isSameProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

type LockResult =
  | { readonly kind: 'taken'; readonly release: () => void }
  | { readonly kind: 'held'; readonly holder: ProcessIdentity };

/** Takes the lock for this process, clearing a stale one. */
export function takeLock(path: string): LockResult {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const self = identifyProcess(process.pid);
  if (!self) throw new Error('this process cannot identify itself');
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(self), { mode: 0o600 });
  try {
    for (;;) {
      const attempt = tryLink(mine, path);
      if (attempt !== null) return attempt;
    }
  } finally {
    removeFile(mine);
  }
}

/** The live holder of a lock, or null. */
export function lockHolder(path: string): ProcessIdentity | null {
  const holder = readHolder(path);
  return holder && isSameProcess(holder) ? holder : null;
}

/** Null when a stale lock was cleared and it is worth another try. */
function tryLink(mine: string, path: string): LockResult | null {
  try {
    linkSync(mine, path);
    return { kind: 'taken', release: () => release(path) };
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const holder = readHolder(path);
  if (holder && isSameProcess(holder)) return { kind: 'held', holder };
  clearStale(path);
  return null;
}

/** Moves the stale file away before removing it: of two clearers only one finds it. */
function clearStale(path: string): void {
  const grave = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, grave);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = readHolder(grave);
  if (moved && isSameProcess(moved)) tryRestore(grave, path);
  removeFile(grave);
}

/** A live holder took the lock between our look and our move: give it back. */
function tryRestore(grave: string, path: string): void {
  try {
    linkSync(grave, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function release(path: string): void {
  if (readHolder(path)?.pid === process.pid) removeFile(path);
}

function readHolder(path: string): ProcessIdentity | null {
  const text = readFileIfExists(path);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isProcessIdentity(value) ? value : null;
  } catch {
    return null;
  }
}
