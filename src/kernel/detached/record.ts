/** What a launch record says: lines of `launch-script.ts`, read while it is being written or long after. Pure. */

import { constants } from 'node:os';

/** How a program ended. `at` is epoch ms. */
export type Ending =
  | { readonly kind: 'exited'; readonly code: number; readonly at: number }
  | { readonly kind: 'signalled'; readonly signal: string; readonly at: number }
  /** Gone without a record: its shell was killed, or the machine restarted. */
  | { readonly kind: 'lost'; readonly at: number };

export interface LaunchRecord {
  /** Whose record it is; null while nothing whole has been written. */
  readonly id: string | null;
  /** Null until the program is known. `startTime` is null where /proc is missing. */
  readonly started: { readonly pid: number; readonly startTime: string | null; readonly bootId: string } | null;
  /** The watcher could not start it; its words. */
  readonly failed: string | null;
  readonly ended: { readonly code: number } | { readonly signal: string } | null;
}

/** Stands behind a record that counts no more; another may follow. */
export const FORGOTTEN = 'forgotten\n';

const KNOWN_LINE = /^(?:launch |failed$|$)/;

/** Of what its file says. A line counts only when its newline is there. */
export function parseRecord(text: string): LaunchRecord {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const lines = whole.slice(whole.lastIndexOf(FORGOTTEN.trimEnd()) + 1);
  const code = field(lines, 'ended');
  const failed = lines.includes('failed') ? lines.filter((line) => !KNOWN_LINE.test(line)).join('; ') : null;
  const [id = null, bootId = 'unknown'] = field(lines, 'launch')?.split(' ') ?? [];
  return {
    id,
    started: parseStarted(lines, bootId),
    failed,
    ended: code === null ? null : parseEnded(Number(code), lines),
  };
}

function parseStarted(lines: readonly string[], bootId: string): LaunchRecord['started'] {
  const stat = field(lines, 'stat');
  if (stat !== null) {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid: Number.parseInt(stat, 10), startTime: fields[19] ?? null, bootId };
  }
  const pid = field(lines, 'pid');
  return pid === null ? null : { pid: Number(pid), startTime: null, bootId };
}

/** The line of `jobs` names the number of an exit code, and never that of a signal, in any language. */
function parseEnded(code: number, lines: readonly string[]): LaunchRecord['ended'] {
  if (code <= 128) return { code };
  const saysCode = lines.some((line) => line.startsWith('[1]') && new RegExp(`\\b${code}\\b`).test(line));
  const signal = signalName(code - 128);
  return saysCode || signal === null ? { code } : { signal };
}

function field(lines: readonly string[], word: string): string | null {
  return lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? null;
}

function signalName(number: number): string | null {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
