/** What has become of devices and workers between two reports of a host, as facts. Pure. */

import { attemptKey, subject } from '../../contract/index.ts';
import type { DeviceReport, NewFact, WorkerReport } from '../../contract/index.ts';

type Condition = Pick<DeviceReport, 'id' | 'condition' | 'why'>;

/** A device that was not known before has changed if it is not normal. */
export function deviceChanges(host: string, before: readonly Condition[], now: readonly Condition[]): NewFact[] {
  return now.flatMap(({ id, condition, why }) => {
    const from = before.find((device) => device.id === id)?.condition ?? 'normal';
    if (from === condition) return [];
    return [{ type: 'device.changed', subject: subject.device(host, id), data: { from, to: condition, why } }];
  });
}

/** A worker that is heard of first has changed if it is paused. */
export function workerChanges(before: readonly WorkerReport[], now: readonly WorkerReport[]): NewFact[] {
  return now.flatMap(({ attempt, device, paused }) => {
    const was = before.find((worker) => attemptKey(worker.attempt) === attemptKey(attempt))?.paused ?? false;
    if (was === paused) return [];
    const about = subject.task(attempt.batchId, attempt.task);
    return [{ type: paused ? 'task.paused' : 'task.resumed', subject: about, data: { attempt: attempt.no, device } }];
  });
}
