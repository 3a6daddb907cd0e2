import { expect, test } from 'vitest';

import type { InstanceReport } from '../../contract/index.ts';
import { workOf } from './device-work.ts';

function engine(name: string, devices: readonly string[], pid: number | null): InstanceReport {
  const report = { name, devices, pid, model: '/models/demo.gguf', modelId: 'demo', state: 'ready' };
  // Only what a device's view tells of.
  return report as unknown as InstanceReport;
}

const worker = (task: string, device: string) => ({
  attempt: { batchId: 'b1', task, no: 2 },
  device,
  pid: 4_711,
  memoryBytes: 1_024,
  startedAt: 0,
  quietMs: 300,
  paused: false,
});

test('a device tells what its agent said last: beat, workers and ends, and the models of the engines on it', () => {
  const workers = [worker('count', 'sim0'), worker('sum', 'sim1')];
  const heartbeat = { sequence: 7, uptimeMs: 35_000, workers, ended: { sim0: { succeeded: 3, failed: 1 } } };
  const instances = [
    engine('chat', ['sim0', 'sim1'], 99),
    engine('other', ['sim1'], 98),
    engine('off', ['sim0'], null),
  ];

  const work = workOf('sim0', { heartbeat, instances });

  expect(work).toEqual({
    heartbeat: { sequence: 7, agent_age_ms: 35_000 },
    instances: [{ name: 'chat', model: 'demo', state: 'ready' }],
    workers: [
      {
        task: 'b1/count',
        attempt: 2,
        pid: 4_711,
        memory_bytes: 1_024,
        started_at: '1970-01-01T00:00:00.000Z',
        quiet_ms: 300,
        paused: false,
      },
    ],
    ended: { succeeded: 3, failed: 1 },
  });
});

test('before its first beat nothing is told of its work', () => {
  expect(workOf('cpu', { heartbeat: null, instances: [] })).toEqual({
    heartbeat: null,
    instances: [],
    workers: [],
    ended: { succeeded: 0, failed: 0 },
  });
});
