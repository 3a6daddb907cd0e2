/** What keeps an attempt that an agent has been given from going on, in words for people. Pure. */

import { attemptKey } from '../../contract/index.ts';
import type { WorkerReport } from '../../contract/index.ts';
import { CONTROLLER } from '../book.ts';
import type { TaskStatus } from '../tasks/task-state.ts';

/** `attempt`: its key. Null when nothing does, or nobody told of it yet. */
export function heldWords(
  status: TaskStatus,
  attempt: string,
  workersOf: (host: string) => readonly WorkerReport[],
): string | null {
  if (status.kind !== 'leased' && status.kind !== 'running') return null;
  const { agent } = status.holder;
  if (agent === CONTROLLER) return null;
  if (status.kind === 'leased') return `${agent} has it, and starts it when there is room`;
  const report = workersOf(agent).find((worker) => attemptKey(worker.attempt) === attempt);
  return report?.paused === true ? `stands still until ${report.device} is cooler` : null;
}
