/**
 * Signals for a detached program and all that it started: its group, and what left the group but still carries the
 * marker in its environment. Finding by marker needs /proc; elsewhere only the group is reached.
 */

import { readFileSync, readdirSync } from 'node:fs';

import { hasCode } from '../files.ts';
import { addToGroup } from '../groups.ts';
import { identifyProcess, isSameProcess } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { WATCHER_NAME } from './launch-script.ts';

/** `NAME=value` in the environment of everything that belongs to one program. */
export interface Marker {
  readonly name: 'DROVER_ENGINE_OF' | 'DROVER_ATTEMPT';
  readonly value: string;
}

const KILL_ROUNDS = 5;

export function isAlive(identity: ProcessIdentity): boolean {
  return isSameProcess(identity);
}

/** Sends the signal to the program's whole group; false when nothing of it is left. */
export function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return send(-identity.pid, signal);
}

/** True when any process of the group still runs, even if the program itself has ended. */
export function groupLives(identity: ProcessIdentity): boolean {
  return send(-identity.pid, 0);
}

/** Sends the signal to the program's group and to every process with the marker; answers how many had the marker. */
export function signalTree(identity: ProcessIdentity | null, marker: Marker, signal: NodeJS.Signals): number {
  const inGroup = identity !== null && isSameProcess(identity) && signalGroup(identity, signal);
  const marked = survivors(marker).filter((pid) => !inGroup || groupOf(pid) !== identity.pid);
  for (const pid of marked) send(pid, signal);
  return marked.length;
}

/** SIGKILL to all of it, again until nothing is found: what was just being forked is met in the next round. */
export function killTree(identity: ProcessIdentity | null, marker: Marker): void {
  for (let round = 0; round < KILL_ROUNDS; round++) {
    if (signalTree(identity, marker, 'SIGKILL') === 0) return;
  }
}

/** Pids of live processes whose environment carries the marker, without the shells that write the records. */
export function survivors(marker: Marker): number[] {
  const wanted = `${marker.name}=${marker.value}`;
  return processIds().filter((pid) => carries(pid, wanted) && !isWatcher(pid));
}

/** Pids of the live processes of the program's group; nobody else's when its number has been given away. */
export function groupMembers(identity: ProcessIdentity): number[] {
  const leader = identifyProcess(identity.pid);
  if (leader !== null && leader.startTime !== identity.startTime) return [];
  if (process.platform !== 'linux') return groupLives(identity) ? [identity.pid] : [];
  return processIds().filter((pid) => {
    const [state, , group] = statFields(pid);
    return Number(group) === identity.pid && state !== 'Z' && state !== 'X';
  });
}

/** The live processes that carry a marker, by its value: one look at the machine for many programs. */
export function markedProcesses(name: Marker['name']): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const pid of processIds()) {
    const value = markOf(pid, name);
    if (value === null || isWatcher(pid)) continue;
    addToGroup(found, value, pid);
  }
  return found;
}

/** All values of a marker that live processes carry: one look at the machine for many programs. */
export function markedValues(name: Marker['name']): ReadonlySet<string> {
  const values = processIds().map((pid) => markOf(pid, name));
  return new Set(values.filter((value) => value !== null));
}

function markOf(pid: number, name: Marker['name']): string | null {
  const prefix = `${name}=`;
  const environment = readProc(pid, 'environ');
  if (!environment.includes(prefix)) return null;
  const entry = environment.split('\0').find((text) => text.startsWith(prefix));
  return entry?.slice(prefix.length) ?? null;
}

function processIds(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function groupOf(pid: number): number {
  return Number(statFields(pid)[2]);
}

/** State, parent, group and so on: what follows the name. */
function statFields(pid: number): readonly string[] {
  const stat = readProc(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A zombie has no environment any more, so it never counts. */
function carries(pid: number, wanted: string): boolean {
  const environment = readProc(pid, 'environ');
  return environment === wanted || environment.startsWith(`${wanted}\0`) || environment.includes(`\0${wanted}\0`);
}

function isWatcher(pid: number): boolean {
  return readProc(pid, 'cmdline').split('\0').includes(WATCHER_NAME);
}

/** Empty when the process is gone or somebody else's. */
function readProc(pid: number, file: 'environ' | 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH') || hasCode(error, 'EPERM')) return false;
    throw error;
  }
}
