/**
 * Which process a pid means. A pid alone is reused by the kernel; with the start time and the boot id it names one
 * process for ever. Reads /proc on Linux, asks PowerShell on Windows and `ps` elsewhere.
 */

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot on Linux, the start date elsewhere; compared, never computed with. */
  readonly startTime: string;
  readonly bootId: string;
}

/** The identity of a live process, or null when there is none (a zombie counts as none). */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const startTime = readStartTime(pid);
  return startTime === null ? null : { pid, startTime, bootId: currentBootId() };
}

/** True for what a record holds of a process. */
export function isProcessIdentity(value: unknown): value is ProcessIdentity {
  return typeof value === 'object' && value !== null && 'pid' in value && 'startTime' in value && 'bootId' in value;
}

/** True when that very process still runs. */
export function isSameProcess(identity: ProcessIdentity): boolean {
  const now = identifyProcess(identity.pid);
  return now !== null && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

function readStartTime(pid: number): string | null {
  if (process.platform === 'linux') return startTimeFromProc(pid);
  return process.platform === 'win32' ? startTimeFromWindows(pid) : startTimeFromPs(pid);
}

function startTimeFromProc(pid: number): string | null {
  const stat = readStat(pid);
  if (stat === null) return null;
  // The second field is the name in parentheses and may hold anything; the rest is plain from the last `)` on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function startTimeFromPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? null : line.slice(line.indexOf(' ') + 1).trim();
  } catch {
    return null;
  }
}

/** Longer than any such line; the many who are asked on a beat share it. */
const statLine = Buffer.alloc(4_096);

function readStat(pid: number): string | null {
  let handle: number;
  try {
    handle = openSync(`/proc/${pid}/stat`, 'r');
  } catch {
    return null;
  }
  try {
    return statLine.toString('latin1', 0, readSync(handle, statLine, 0, statLine.length, 0));
  } catch {
    return null; // it has ended in between
  } finally {
    closeSync(handle);
  }
}

function startTimeFromWindows(pid: number): string | null {
  const question = `(Get-Process -Id ${pid} -ErrorAction Stop).StartTime.ToFileTimeUtc()`;
  try {
    const line = execFileSync('powershell', ['-NoProfile', '-Command', question], { encoding: 'utf8' }).trim();
    return line === '' ? null : line;
  } catch {
    return null;
  }
}

let bootId: string | null = null;

function currentBootId(): string {
  bootId ??= readBootId();
  return bootId;
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return 'unknown';
  }
}
