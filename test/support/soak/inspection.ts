/** What is true of a house from outside: processes, listening ports, open files. Reads /proc only. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Engine processes of a home, by instance: whoever carries its name, children included. */
export function engineProcesses(home: string, pids: readonly number[]): ReadonlyMap<string, readonly number[]> {
  const byName = new Map<string, number[]>();
  for (const pid of pids) {
    const variables = environmentOf(pid);
    const name = variables.find((variable) => variable.startsWith('DROVER_INSTANCE='))?.split('=')[1];
    if (name === undefined || !variables.includes(`DROVER_HOME=${home}`)) continue;
    byName.set(name, [...(byName.get(name) ?? []), pid]);
  }
  return byName;
}

/** Ports on which any of these processes listens (IPv4), sorted. */
export function listeningPorts(pids: readonly number[]): number[] {
  const sockets = new Set(pids.flatMap(socketsOf));
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && inode !== undefined && sockets.has(inode))
    .map(([, local]) => Number.parseInt(local?.split(':')[1] ?? '', 16))
    .toSorted((a, b) => a - b);
}

/** Connections come and go with every probe; everything else that is open stays until it is closed. */
export function openHandles(pid: number): { readonly files: number; readonly sockets: number } {
  const handles = readdirSync(`/proc/${pid}/fd`);
  const sockets = socketsOf(pid).length;
  return { files: handles.length - sockets, sockets };
}

export function residentBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return pages * 4096;
}

function socketsOf(pid: number): string[] {
  return namesIn(`/proc/${pid}/fd`).flatMap((fd) => {
    const target = linkOf(`/proc/${pid}/fd/${fd}`);
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    return inode === undefined ? [] : [inode];
  });
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return []; // ended meanwhile
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
