/** A whole instance spec for tests; each overrides what it is about. */

import type { InstanceSpec } from '../../src/contract/index.ts';

export function instanceSpec(overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    name: 'qwen',
    engine: { kind: 'llama-server', args: [] },
    model: {
      path: '/models/qwen.gguf',
      id: null,
      aliases: [],
      contextSize: 4096,
      batchSize: 512,
      threads: 'auto',
      memoryBytes: 0,
      hostMemoryBytes: 0,
    },
    server: { host: '127.0.0.1', port: null, parallel: 1, timeoutMs: 600_000, key: null },
    gpu: { backend: 'cpu', devices: [], layers: 'auto', split: 'none' },
    health: {
      path: '/health',
      intervalMs: 10_000,
      timeoutMs: 5_000,
      retries: 3,
      startPeriodMs: 60_000,
      loadTimeoutMs: 600_000,
      stallTimeoutMs: 60_000,
      canaryMs: null,
    },
    stop: { drainMs: 30_000, graceMs: 10_000 },
    restart: {
      enabled: true,
      maxRetries: 5,
      windowMs: 600_000,
      initialDelayMs: 2_000,
      multiplier: 2,
      maxDelayMs: 60_000,
      jitter: 0.1,
      stableAfterMs: 300_000,
    },
    env: {},
    args: [],
    logs: { maxBytes: 20 * 1024 * 1024, keep: 5 },
    idleTtlMs: null,
    pinned: false,
    fingerprint: 'test',
    ...overrides,
  };
}
