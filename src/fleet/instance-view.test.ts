import { expect, test } from 'vitest';

import type { InstanceReport } from '../contract/index.ts';
import { toInstanceView, toReportView } from './instance-view.ts';

const REPORT: InstanceReport = {
  name: 'alpha',
  desired: 'running',
  state: 'ready',
  generation: 3,
  health: 'healthy',
  healthDetail: null,
  pid: 4711,
  host: '127.0.0.1',
  port: 8001,
  url: 'http://127.0.0.1:8001',
  upstreamModel: null,
  key: 'secret',
  engine: 'embedded',
  backend: 'cpu',
  devices: ['sim0', 'sim1'],
  model: '/models/demo.gguf',
  modelId: 'demo',
  aliases: [],
  contextSize: 4096,
  slotsTotal: 4,
  memoryBytes: 1,
  fingerprint: 'f',
  command: ['node'],
  startedAt: Date.UTC(2026, 0, 1),
  readyAt: Date.UTC(2026, 0, 1, 0, 0, 2),
  restarts: 1,
  nextStartAt: null,
  failure: null,
  lastExit: { code: null, signal: 'SIGKILL', at: Date.UTC(2025, 11, 31), tail: 'bye' },
  ended: [],
};

test('a ready instance shows its devices joined, its slots, and how long it has been ready', () => {
  const view = toInstanceView({
    name: 'alpha',
    loaded: { kind: 'absent', file: '/c.json' },
    declared: null,
    report: REPORT,
    busySlots: 2,
    now: Date.UTC(2026, 0, 1, 0, 0, 12),
  });

  expect(view).toMatchObject({
    status: 'ready',
    device: 'sim0,sim1',
    model: 'demo',
    slots: { busy: 2, total: 4 },
    uptime_ms: 10_000,
    reason: 'its config /c.json is gone',
  });
});

test('a report leaves with ISO times and the names of the wire', () => {
  expect(toReportView(REPORT)).toMatchObject({
    started_at: '2026-01-01T00:00:00.000Z',
    ready_at: '2026-01-01T00:00:02.000Z',
    next_start_at: null,
    last_exit: { signal: 'SIGKILL', at: '2025-12-31T00:00:00.000Z' },
  });
});
