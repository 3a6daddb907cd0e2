/** Looks at the workers of a host's latest heartbeat, all of each device, and takes the steps that `stuck.ts` finds due. */

import { attemptKey, subject } from '../../contract/index.ts';
import type { WorkerReport } from '../../contract/index.ts';
import { heldBy } from '../book.ts';
import type { Known } from '../known.ts';
import { openEscalation } from '../escalations/escalate.ts';
import { tell } from './signals.ts';
import { stuckLevel } from './stuck.ts';
import type { StuckLevel } from './stuck.ts';
import { keyOf } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

export async function watchWorkers(turn: Turn, host: string): Promise<void> {
  const { agents, rules } = turn.deps;
  const reports = new Map(agents.workers(host).map((report) => [attemptKey(report.attempt), report]));
  if (reports.size === 0) return;
  const { stuckAfterMs, stuckStepMs } = rules();
  const constrained = new Set(
    agents.devices(host).flatMap(({ id, condition }) => (condition === 'constrained' ? [id] : [])),
  );
  for (const known of heldBy(turn.book, host)) {
    const report = reports.get(keyOf(known));
    if (!report) continue;
    const watched = { report, constrained: constrained.has(report.device), told: known.told };
    const limits = { afterMs: known.node.stuckAfterMs ?? stuckAfterMs, stepMs: stuckStepMs };
    const level = stuckLevel(watched, limits, turn.tx.now);
    if (level !== null) await takeStep(turn, known, { host, report, level });
  }
}

interface StuckStep {
  readonly host: string;
  readonly report: WorkerReport;
  readonly level: StuckLevel;
}

async function takeStep(turn: Turn, known: Known, { host, report, level }: StuckStep): Promise<void> {
  const { device, quietMs } = report;
  turn.tx.record({
    type: 'attempt.stuck',
    subject: subject.task(known.batch.id, known.name),
    data: { attempt: known.task.attempt, level, device, quiet_ms: quietMs },
  });
  // Whose ladder it was stays: what a person told to end, or to finish, has no further try.
  tell(turn, known, { cause: known.told?.cause ?? 'stuck', level });
  if (level === 'manual') await handOver(turn, known, host, report);
}

/** Nothing of ours ends it: its device is not trusted any more, and somebody has to look. */
async function handOver(turn: Turn, known: Known, host: string, { device, pid }: WorkerReport): Promise<void> {
  const reason = `${known.batch.id}/${known.name} does not end, not even by SIGKILL`;
  turn.effects.push({ kind: 'quarantine', host, device, reason });
  await openEscalation(turn.tx, {
    kind: 'stuck',
    about: String(known.task.attempt),
    batchId: known.batch.id,
    task: known.name,
    question: `task ${known.name} on ${device} of ${host} does not end, not even by SIGKILL; the device takes nothing new until "drover devices release ${device}"`,
    choices: ['seen'],
    detail: { host, device, pid, attempt: known.task.attempt },
  });
}
