/** Memory of a process and all its descendants, now. Linux only; elsewhere nothing is known. */

import { readFileSync } from 'node:fs';

/** Resident bytes of the tree, or null when it is gone or the host does not tell. */
export function treeMemoryBytes(pid: number): number | null {
  const own = residentBytes(pid);
  if (own === null) return null;
  return childrenOf(pid).reduce((sum, child) => sum + (treeMemoryBytes(child) ?? 0), own);
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
