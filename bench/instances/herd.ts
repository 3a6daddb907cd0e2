/** Many idle programs: how long until all of them are healthy, and what keeping them alive costs. */

import { readFileSync } from 'node:fs';

import { residentBytes } from '../../test/support/soak/inspection.ts';
import type { Contestant } from './contestant.ts';
import { pause, untilHealthy } from './program.ts';

export interface HerdRow {
  readonly what: string;
  /** From the command to the last healthy answer. */
  readonly startSeconds: number;
  /** Per cent of one core while nothing happens. */
  readonly cpuPercent: number;
  readonly rssMb: number;
}

const TICKS_PER_SECOND = 100;
/** What a start stirs up is over. */
const SETTLE_MS = 10_000;

/** A row for the manager as a whole, and one per process where it has several. */
export async function measureHerd(
  contestant: Contestant,
  ports: readonly number[],
  idleMs: number,
): Promise<readonly HerdRow[]> {
  const started = performance.now();
  await Promise.all([contestant.start(ports), untilHealthy(ports)]);
  const startSeconds = (performance.now() - started) / 1_000;
  await pause(SETTLE_MS);
  const managers = contestant.managers();
  const before = managers.map(({ pid }) => cpuSeconds(pid));
  await pause(idleMs);
  const rows = managers.map(({ name, pid }, index) => ({
    what: managers.length > 1 ? `${contestant.name}: ${name}` : name,
    startSeconds: Number.NaN,
    cpuPercent: (100_000 * (cpuSeconds(pid) - (before[index] ?? 0))) / idleMs,
    rssMb: residentBytes(pid) / 1024 ** 2,
  }));
  await contestant.stop();
  const sum = (pick: (row: HerdRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  const whole = {
    what: contestant.name,
    startSeconds,
    cpuPercent: sum(({ cpuPercent }) => cpuPercent),
    rssMb: sum(({ rssMb }) => rssMb),
  };
  return managers.length > 1 ? [whole, ...rows] : [whole];
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
