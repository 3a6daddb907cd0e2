/** What a device does, as the API shows it. Pure. */

import type { DeviceView, InstanceReport, WorkerReport } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import type { Heartbeat } from '../hosts/heartbeat.ts';

/** What a host does, all of its devices together. */
export interface HostWork {
  /** The latest over its link; null before the first. */
  readonly heartbeat: Pick<Heartbeat, 'sequence' | 'uptimeMs' | 'workers' | 'ended'> | null;
  readonly instances: readonly InstanceReport[];
}

type DeviceWork = Pick<DeviceView, 'heartbeat' | 'instances' | 'workers' | 'ended'>;

export function workOf(device: string, { heartbeat, instances }: HostWork): DeviceWork {
  const here = instances.filter(({ pid, devices }) => pid !== null && devices.includes(device));
  const workers = heartbeat?.workers.filter((worker) => worker.device === device) ?? [];
  return {
    heartbeat: heartbeat && { sequence: heartbeat.sequence, agent_age_ms: heartbeat.uptimeMs },
    instances: here.map(({ name, model, modelId, state }) => ({ name, model: modelId ?? model, state })),
    workers: workers.map(toView),
    ended: heartbeat?.ended[device] ?? { succeeded: 0, failed: 0 },
  };
}

function toView({
  attempt,
  pid,
  memoryBytes,
  startedAt,
  quietMs,
  paused,
}: WorkerReport): DeviceView['workers'][number] {
  return {
    task: `${attempt.batchId}/${attempt.task}`,
    attempt: attempt.no,
    pid,
    memory_bytes: memoryBytes,
    started_at: isoTime(startedAt),
    quiet_ms: quietMs,
    paused,
  };
}
