/** A whole instance spec for tests; each section takes only what the test is about. */

import type { InstanceSpec } from '../../src/contract/index.ts';

/** Fields of a section, any of them. */
type Section<Key extends keyof InstanceSpec> = Partial<InstanceSpec[Key]>;

export interface SpecChanges {
  readonly name?: string;
  readonly engine?: Section<'engine'>;
  readonly model?: Section<'model'>;
  readonly server?: Section<'server'>;
  readonly gpu?: Section<'gpu'>;
  readonly health?: Section<'health'>;
  readonly stop?: Section<'stop'>;
  readonly restart?: Section<'restart'>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly fingerprint?: string;
}

export function makeSpec(changes: SpecChanges = {}): InstanceSpec {
  return {
    name: changes.name ?? 'qwen',
    engine: { kind: 'llama-server', args: [], ...changes.engine },
    model: {
      path: '/models/qwen.gguf',
      id: null,
      aliases: [],
      contextSize: 4096,
      batchSize: 512,
      threads: 'auto',
      memoryBytes: 0,
      ...changes.model,
    },
    server: { host: '127.0.0.1', port: null, parallel: 1, key: null, ...changes.server },
    gpu: { backend: 'cpu', devices: [], layers: 'auto', split: 'none', ...changes.gpu },
    health: {
      path: '/health',
      intervalMs: 10_000,
      timeoutMs: 5_000,
      retries: 3,
      startPeriodMs: 60_000,
      loadTimeoutMs: 600_000,
      ...changes.health,
    },
    stop: { drainMs: 30_000, graceMs: 10_000, ...changes.stop },
    restart: {
      enabled: true,
      maxRetries: 5,
      windowMs: 600_000,
      initialDelayMs: 2_000,
      multiplier: 2,
      maxDelayMs: 60_000,
      jitter: 0.1,
      stableAfterMs: 300_000,
      ...changes.restart,
    },
    env: { ...changes.env },
    args: [...(changes.args ?? [])],
    fingerprint: changes.fingerprint ?? 'test',
  };
}
