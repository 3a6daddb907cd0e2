/** Processes that belong together, and the memory they hold, now. Linux only; elsewhere nothing is known. */

import { readFileSync } from 'node:fs';

/** The process with all its descendants that live; empty when it is gone. */
export function treeOf(pid: number): readonly number[] {
  const status = read(`/proc/${pid}/stat`);
  return status === '' ? [] : [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** Resident bytes of the tree, or null when it is gone or the host does not tell. */
export function treeMemoryBytes(pid: number): number | null {
  return residentBytesOf(treeOf(pid));
}

/** Resident bytes of all of them; null when none lives. */
export function residentBytesOf(pids: Iterable<number>): number | null {
  const sizes = [...pids].map(residentBytes).filter((bytes) => bytes !== null);
  return sizes.length === 0 ? null : sizes.reduce((sum, bytes) => sum + bytes, 0);
}

function residentBytes(pid: number): number | null {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`));
  return line?.[1] === undefined ? null : Number(line[1]) * 1_024;
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
