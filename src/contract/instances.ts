/**
 * Instances between controller and agent: the resolved spec an agent obeys, and the state an agent reports. The file a
 * person writes is `instance-config.ts`, what a person is shown `instance-views.ts`.
 */

import { z } from 'zod';

import { BACKENDS, ENGINE_KINDS } from './instance-config.ts';

/**
 * What the controller tells an agent to run: the config with the model resolved to a file and every default filled in.
 * `fingerprint` covers all that reaches the process; two specs with equal fingerprints need no restart.
 */
export const instanceSpecSchema = z.object({
  name: z.string(),
  engine: z.object({
    kind: z.enum(ENGINE_KINDS),
    path: z.string().optional(),
    args: z.array(z.string()),
    /** Of a `remote` engine. */
    url: z.string().optional(),
    stopCommand: z.array(z.string()).optional(),
    keyEnv: z.string().optional(),
  }),
  model: z.object({
    path: z.string(),
    /** Catalogue id; null for a model given by path. */
    id: z.string().nullable(),
    /** A file that the engine is given beside it, with which it sees or hears. */
    projector: z.string().optional(),
    aliases: z.array(z.string()),
    /** Tokens per request (per slot). */
    contextSize: z.number(),
    batchSize: z.number(),
    threads: z.union([z.number(), z.literal('auto')]),
    /** Need on the device when loaded, from the memory estimate. */
    memoryBytes: z.number(),
    /** Need on the CPU beside that, for the layers that are left to it. */
    hostMemoryBytes: z.number().default(0),
  }),
  server: z.object({
    host: z.string(),
    /** Null: the agent leases the next free port from 8001. */
    port: z.number().nullable(),
    parallel: z.number(),
    timeoutMs: z.number(),
    /** Null: the agent makes a random key per launch. */
    key: z.string().nullable(),
  }),
  gpu: z.object({
    backend: z.enum(BACKENDS),
    /** Device ids; empty: the agent picks. */
    devices: z.array(z.string()),
    layers: z.union([z.literal('auto'), z.literal('all'), z.number()]),
    split: z.enum(['none', 'layer', 'row']),
  }),
  health: z.object({
    path: z.string(),
    intervalMs: z.number(),
    timeoutMs: z.number(),
    retries: z.number(),
    startPeriodMs: z.number(),
    loadTimeoutMs: z.number(),
    stallTimeoutMs: z.number(),
    /** Null: no canary. */
    canaryMs: z.number().nullable(),
  }),
  stop: z.object({ drainMs: z.number(), graceMs: z.number() }),
  restart: z.object({
    enabled: z.boolean(),
    maxRetries: z.number(),
    windowMs: z.number(),
    initialDelayMs: z.number(),
    multiplier: z.number(),
    maxDelayMs: z.number(),
    jitter: z.number(),
    stableAfterMs: z.number(),
  }),
  env: z.record(z.string(), z.string()),
  args: z.array(z.string()),
  logs: z.object({ maxBytes: z.number(), keep: z.number() }),
  /** Null: never unloaded for want of requests. */
  idleTtlMs: z.number().nullable(),
  pinned: z.boolean(),
  fingerprint: z.string(),
});
export type InstanceSpec = z.output<typeof instanceSpecSchema>;
export type RestartPolicy = InstanceSpec['restart'];

export const INSTANCE_STATES = [
  'stopped',
  'starting',
  'loading',
  'ready',
  'unhealthy',
  'backoff',
  'stopping',
  /** Unloaded by `idle_ttl`: wanted running, and started by the next request. */
  'asleep',
  'failed',
] as const;
export type InstanceStateName = (typeof INSTANCE_STATES)[number];

export const HEALTH_VALUES = ['unknown', 'loading', 'healthy', 'unhealthy', 'error'] as const;
export type Health = (typeof HEALTH_VALUES)[number];

export const DESIRED_STATES = ['running', 'stopped'] as const;
export type DesiredState = (typeof DESIRED_STATES)[number];

/** How a process ended. `code` is null when a signal ended it, or when nobody could see the exit. */
export const exitInfoSchema = z.object({
  code: z.number().nullable(),
  signal: z.string().nullable(),
  at: z.number(),
  /** Last lines of stderr, at most 2 KB. */
  tail: z.string(),
});
export type ExitInfo = z.output<typeof exitInfoSchema>;

/** One health check as it was answered. */
export const probeRecordSchema = z.object({
  name: z.string(),
  at: z.number(),
  health: z.enum(HEALTH_VALUES),
  detail: z.string().nullable(),
  latencyMs: z.number(),
});
export type ProbeRecord = z.output<typeof probeRecordSchema>;

/** One process of an instance that has ended, whoever wanted it to. */
export const endedProcessSchema = z.object({
  launch: z.number(),
  /** Null when the agent died before it knew. */
  pid: z.number().nullable(),
  code: z.number().nullable(),
  signal: z.string().nullable(),
  at: z.number(),
  /** True when it was being stopped or restarted. */
  asked: z.boolean(),
});
export type EndedProcess = z.output<typeof endedProcessSchema>;

/** What an agent observes of one instance; the controller keeps the latest as its mirror. Times are epoch ms. */
export const instanceReportSchema = z.object({
  name: z.string(),
  desired: z.enum(DESIRED_STATES),
  state: z.enum(INSTANCE_STATES),
  /** Rises by one with every change of state. */
  generation: z.number(),
  health: z.enum(HEALTH_VALUES),
  /** E.g. `connection refused`, `timeout`, `HTTP 500`; null when there is nothing to say. */
  healthDetail: z.string().nullable(),
  pid: z.number().nullable(),
  /** With the pid, this very process and none that gets its number later. */
  identity: z.object({ startTime: z.string(), bootId: z.string() }).nullable(),
  host: z.string(),
  port: z.number().nullable(),
  /** Where requests go, without `/v1` and without a slash at the end; null without an engine. */
  url: z.string().nullable(),
  /** The model's name in requests to the engine; null: the engine does not care. */
  upstreamModel: z.string().nullable(),
  key: z.string().nullable(),
  engine: z.enum(ENGINE_KINDS),
  backend: z.enum(BACKENDS),
  devices: z.array(z.string()),
  model: z.string(),
  modelId: z.string().nullable(),
  aliases: z.array(z.string()),
  contextSize: z.number(),
  slotsTotal: z.number(),
  memoryBytes: z.number(),
  fingerprint: z.string(),
  command: z.array(z.string()),
  startedAt: z.number().nullable(),
  readyAt: z.number().nullable(),
  restarts: z.number(),
  /** Set in `backoff`: when the next start is due. */
  nextStartAt: z.number().nullable(),
  /** Set in `failed`: why, and how to go on. */
  failure: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
  lastExit: exitInfoSchema.nullable(),
  /** The latest ends, oldest first: a controller that was away learns of each. */
  ended: z.array(endedProcessSchema),
});
export type InstanceReport = z.output<typeof instanceReportSchema>;
