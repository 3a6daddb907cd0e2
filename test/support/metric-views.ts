/** A controller as its metrics see it: nothing is there but what a test puts in. */

import type { RequestRecord } from '../../src/gateway/index.ts';
import type { MetricViews } from '../../src/telemetry/index.ts';

export function metricViews(changes: Partial<MetricViews> = {}): MetricViews {
  return {
    version: '1.2.3',
    modelName: (asked) => asked,
    gateway: () => ({
      queued: 0,
      inFlight: 0,
      perModel: [],
      slots: {},
      breakers: {},
      affinity: { home: 0, elsewhere: 0 },
      waiting: [],
      forecast: { samples: 0, medianMs: null, p90Ms: null, biasMs: null },
      bufferedBytes: 0,
      counters: {
        done: 0,
        failed: 0,
        cancelled: 0,
        expired: 0,
        rejected: 0,
        moved: 0,
        preempted: 0,
        tokensIn: 0,
        tokensOut: 0,
      },
    }),
    instances: () => new Map(),
    devices: () => [],
    agents: () => [],
    work: () => Promise.resolve({ batches: { running: 0 }, tasks: { ready: 0, running: 0, waiting: 0 } }),
    ...changes,
  };
}

export function endedRequest(changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    id: 'r1',
    key: 'anonymous',
    class: 'interactive',
    model: 'chat',
    instance: 'chat',
    endpoint: '/v1/chat/completions',
    stream: true,
    ending: 'done',
    code: null,
    status: 200,
    arrivedAt: 1_700_000_000_000,
    endedAt: 1_700_000_002_000,
    queueMs: 500,
    overheadMs: 0.4,
    firstByteMs: 1_000,
    durationMs: 2_000,
    attempts: 1,
    tokensIn: 20,
    tokensOut: 11,
    ...changes,
  };
}
