/** The same graph of commands through Drover and through its peers, in the same rounds; each id must be logged once. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TaskLines } from '../../test/support/plans.ts';
import { median, printTable } from '../support.ts';
import { warmDrover } from './drover.ts';
import { PEERS, timePeer } from './peers.ts';
import type { Job } from './peers.ts';

export interface Course {
  readonly title: string;
  readonly rounds: number;
  /** `log` is the file to which each command appends its id. */
  jobs(log: string): readonly Job[];
  /** The same as a plan; without it each job is a task. */
  plan?(log: string): { readonly tasks: readonly TaskLines[]; readonly files: Readonly<Record<string, string>> };
  /** Peers that cannot do this many in reasonable time. */
  readonly without?: readonly string[];
}

export async function sideBySide(course: Course): Promise<void> {
  await using drover = await warmDrover();
  const folder = mkdtempSync(join(tmpdir(), 'drover-course-'));
  const peers = PEERS.filter(({ name }) => !(course.without ?? []).includes(name));
  const times = new Map<string, number[]>();
  const cpu: number[] = [];
  const note = (name: string, ms: number): unknown => times.get(name)?.push(ms) ?? times.set(name, [ms]);
  let runs = 0;
  const freshLog = (): string => join(folder, `log-${(runs += 1)}`);
  for (let round = 0; round < course.rounds; round++) {
    const log = freshLog();
    const { tasks, files } = course.plan?.(log) ?? { tasks: course.jobs(log).map(toTask), files: {} };
    const plan = drover.plan(tasks, files);
    const before = drover.cpuMs('controller') + drover.cpuMs('agent');
    const started = performance.now();
    await drover.run(plan);
    note('drover', performance.now() - started);
    cpu.push(drover.cpuMs('controller') + drover.cpuMs('agent') - before);
    checkLog(log, course.jobs(log));
    for (const peer of peers) {
      const own = freshLog();
      const ms = await timePeer(peer, course.jobs(own));
      if (ms === null) continue;
      note(peer.name, ms);
      checkLog(own, course.jobs(own));
    }
  }
  const count = course.jobs('').length;
  const row = (name: string, durable: string) => {
    const total = times.get(name);
    const ms = total === undefined ? Number.NaN : median(total) / count;
    return { what: name, 'ms per task': ms, durable };
  };
  printTable(`${course.title}: ${count} tasks at 2 slots, median of ${course.rounds} rounds`, [
    row('drover', 'every end, flushed before it counts'),
    ...peers.map(({ name, durable }) => row(name, durable)),
  ]);
  process.stdout.write(`\ndrover: ${(median(cpu) / count).toFixed(2)} ms of CPU per task, commands included\n`);
  rmSync(folder, { recursive: true, force: true });
}

function toTask({ id, command, after }: Job): TaskLines {
  return { id, command, ...(after.length === 0 ? {} : { dependsOn: after.join(', ') }) };
}

/** Throws unless every id was logged once. */
function checkLog(log: string, jobs: readonly Job[]): void {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const wanted = jobs.map(({ id }) => id).toSorted();
  if (lines.toSorted().join('\n') !== wanted.join('\n'))
    throw new Error(`${log} has ${lines.length} lines, ${new Set(lines).size} different, of ${wanted.length}`);
}
