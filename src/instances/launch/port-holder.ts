/** Which process listens on a port, as far as the system tells this user. Linux only; elsewhere nothing is known. */

import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

interface PortHolder {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

/** Null when nobody listens there, or when it is not ours to know. */
export function findPortHolder(port: number): PortHolder | null {
  const sockets = listeningSockets(port);
  if (sockets.size === 0) return null;
  const pid = numbersIn('/proc').find((candidate) => holdsSocket(candidate, sockets));
  return pid === undefined ? null : { pid, command: commandOf(pid) };
}

/** True when that very process listens there; a quick look before the long search. */
export function listensOn(pid: number, port: number): boolean {
  const sockets = listeningSockets(port);
  return sockets.size > 0 && holdsSocket(pid, sockets);
}

const LISTENING = '0A';

/** Inodes of the sockets in state LISTEN on the port, as links in `/proc/PID/fd` spell them. */
function listeningSockets(port: number): ReadonlySet<string> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const links = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readText(file).split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(wanted) && fields[3] === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
  return new Set(links);
}

function holdsSocket(pid: number, sockets: ReadonlySet<string>): boolean {
  return numbersIn(`/proc/${pid}/fd`).some((handle) => {
    try {
      return sockets.has(readlinkSync(`/proc/${pid}/fd/${handle}`));
    } catch {
      return false; // closed meanwhile
    }
  });
}

function commandOf(pid: number): string {
  const command = readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return command.length > 80 ? `${command.slice(0, 79)}…` : command || 'unknown';
}

/** Empty when the folder is gone or closed to us. */
function numbersIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
