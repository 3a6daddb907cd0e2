/**
 * Instances on file and on the wire: the config file a person writes, the resolved spec an agent obeys, the state an
 * agent reports, and the view that `ps` shows. Validation beyond shape (files, ports, memory) lives in `config/`.
 */

import { z } from 'zod';

import { parseDuration } from './durations.ts';
import type { FactView } from './facts.ts';

/** A duration field: seconds or text on file, milliseconds inside. */
export const durationMs = z.union([z.number().min(0), z.string()]).transform((value, ctx) => {
  const ms = parseDuration(value);
  if (ms !== null) return ms;
  ctx.addIssue({ code: 'custom', message: `"${value}" is no duration; write seconds or text such as 500ms, 10s, 5m` });
  return z.NEVER;
});

export const INSTANCE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export const ENGINE_KINDS = ['llama-server', 'embedded', 'command', 'remote'] as const;
export const BACKENDS = ['cpu', 'cuda', 'vulkan', 'metal', 'rocm'] as const;

const auto = z.literal('auto');

const engineSection = z
  .strictObject({
    kind: z.union([z.enum(ENGINE_KINDS), auto]).default('auto'),
    path: z.string().min(1).optional(),
    args: z.array(z.string()).default([]),
    /** Of a server that runs elsewhere; kind `remote` only. */
    url: z.url({ protocol: /^https?$/ }).optional(),
    /** Wins over `healthcheck.path`. */
    health_path: z.string().startsWith('/').optional(),
    /** Program and arguments that end a `command` engine, with the placeholders of `args`; SIGTERM otherwise. */
    stop_command: z.array(z.string()).min(1).optional(),
    /** Variable that holds the key: handed to a `command` engine, read for a `remote` one. */
    key_env: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'a name of an environment variable')
      .optional(),
  })
  .superRefine((engine, ctx) => {
    const wrong = (field: string, message: string) => ctx.addIssue({ code: 'custom', path: [field], message });
    const only = (field: 'url' | 'stop_command' | 'key_env', ...kinds: readonly string[]) => {
      if (engine[field] === undefined || kinds.includes(engine.kind)) return;
      wrong(field, `is for engines of kind "${kinds.join('" and "')}" only`);
    };
    only('url', 'remote');
    only('stop_command', 'command');
    only('key_env', 'command', 'remote');
    if (engine.kind === 'remote' && engine.url === undefined) wrong('url', 'is needed by an engine of kind "remote"');
    if (engine.kind === 'command' && engine.path === undefined)
      wrong('path', 'is needed by an engine of kind "command"');
    if (engine.kind === 'remote' && engine.path !== undefined) wrong('path', 'a remote engine is started elsewhere');
    if (engine.kind === 'remote' && engine.args.length > 0) wrong('args', 'a remote engine is started elsewhere');
  })
  .prefault({});

const modelSection = z
  .strictObject({
    path: z.string().min(1).optional(),
    id: z.string().min(1).optional(),
    context_size: z.number().int().min(512).optional(),
    batch_size: z.number().int().min(1).max(8192).default(512),
    threads: z.union([z.number().int().min(1).max(256), auto]).default('auto'),
    alias: z.array(z.string().min(1)).default([]),
  })
  .refine((model) => (model.path === undefined) !== (model.id === undefined), {
    message: 'give exactly one of "path" and "id"',
  });

const serverSection = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.number().int().min(1).max(65535).optional(),
    timeout: durationMs.prefault(600),
    parallel: z.number().int().min(1).max(64).default(1),
    key: z.union([auto, z.string().min(1)]).default('auto'),
  })
  .prefault({});

const gpuSection = z
  .strictObject({
    backend: z.union([z.enum(BACKENDS), auto]).default('auto'),
    devices: z.union([z.array(z.string().min(1)).min(1), auto]).default('auto'),
    layers: z.union([z.literal(['auto', 'all']), z.number().int().min(0)]).default('auto'),
    split: z.enum(['none', 'layer', 'row']).default('none'),
  })
  .prefault({});

const healthcheckSection = z
  .strictObject({
    path: z.string().startsWith('/').default('/health'),
    interval: durationMs.prefault('10s').refine((ms) => ms >= 1_000, 'must be at least 1s'),
    timeout: durationMs.prefault('5s'),
    retries: z.number().int().min(1).max(100).default(3),
    start_period: durationMs.prefault('60s'),
    load_timeout: durationMs.prefault('10m'),
    /** Longest time a busy slot may stand still while the engine answers its health path. */
    stall_timeout: durationMs.prefault('60s').refine((ms) => ms >= 1_000, 'must be at least 1s'),
    /** How often an idle engine is asked for one token. */
    canary: z
      .union([z.literal('off'), durationMs])
      .default('off')
      .refine((every) => every === 'off' || every >= 1_000, 'must be at least 1s'),
  })
  .prefault({});

const stopSection = z
  .strictObject({ drain: durationMs.prefault('30s'), grace: durationMs.prefault('10s') })
  .prefault({});

const restartSection = z
  .strictObject({
    enabled: z.boolean().default(true),
    max_retries: z.number().int().min(0).max(100).default(5),
    window: durationMs.prefault('10m'),
    initial_delay: durationMs.prefault('2s'),
    multiplier: z.number().min(1).max(10).default(2),
    max_delay: durationMs.prefault('60s'),
    jitter: z.number().min(0).max(1).default(0.1),
    stable_after: durationMs.prefault('5m'),
  })
  .prefault({});

const logsSection = z
  .strictObject({
    max_size_mb: z.number().int().min(1).max(10_240).default(20),
    keep: z.number().int().min(0).max(100).default(5),
  })
  .prefault({});

/** `$DROVER_HOME/instances/NAME/config.json`. Unknown fields are errors; missing optional ones take defaults. */
export const instanceConfigSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(INSTANCE_NAME, 'lower-case letters, digits and dashes, 1 to 64 characters'),
  engine: engineSection,
  model: modelSection,
  server: serverSection,
  gpu: gpuSection,
  healthcheck: healthcheckSection,
  stop: stopSection,
  restart: restartSection,
  env: z.record(z.string(), z.string()).default({}),
  args: z.array(z.string()).default([]),
  logs: logsSection,
  /** Unload after so long without a request; the next request loads it again. */
  idle_ttl: z
    .union([z.literal('never'), durationMs])
    .default('never')
    .refine((ttl) => ttl === 'never' || ttl >= 1_000, 'must be at least 1s'),
  /** Never unloaded to make room for another. */
  pinned: z.boolean().default(false),
  tags: z.array(z.string().min(1).max(64)).max(32).default([]),
  /** Come up with the daemon; see `fleet/autostart-plan.ts`. Reaches no process. */
  autostart: z.boolean().default(false),
});

export type InstanceConfig = z.output<typeof instanceConfigSchema>;
export type InstanceConfigInput = z.input<typeof instanceConfigSchema>;

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
    aliases: z.array(z.string()),
    /** Tokens per request (per slot). */
    contextSize: z.number(),
    batchSize: z.number(),
    threads: z.union([z.number(), z.literal('auto')]),
    /** Need on the device when loaded, from the memory estimate. */
    memoryBytes: z.number(),
  }),
  server: z.object({
    host: z.string(),
    /** Null: the agent leases the next free port from 8001. */
    port: z.number().nullable(),
    parallel: z.number(),
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

/** A row of `drover ps --json`. */
export interface InstanceView {
  readonly name: string;
  readonly desired: DesiredState;
  readonly status: InstanceStateName;
  readonly health: Health;
  readonly health_detail: string | null;
  readonly pid: number | null;
  readonly port: number | null;
  readonly engine: string;
  readonly backend: string;
  /** Device ids joined by commas. */
  readonly device: string;
  readonly model: string;
  readonly slots: { readonly busy: number; readonly total: number };
  readonly uptime_ms: number | null;
  readonly restarts: number;
  /** Generated by requests through the front door, over the last ten seconds. */
  readonly tokens_per_second: number;
  /** Finishes what runs and takes nothing new. */
  readonly draining: boolean;
  /** Made for a model of the catalogue that was asked for; it goes when it falls asleep. */
  readonly ephemeral: boolean;
  /** Its config is gone, its engine still runs. */
  readonly orphan: boolean;
  /** The config has been edited since the engine was started. */
  readonly needs_restart: boolean;
  readonly pinned: boolean;
  readonly tags: readonly string[];
  /** Set when the config could not be read or the instance failed. */
  readonly reason: string | null;
}

/** What the agent last said of an instance, in the wire's names. */
export interface InstanceReportView {
  readonly generation: number;
  readonly host: string;
  /** Null for whoever may only read. */
  readonly key: string | null;
  readonly model_path: string;
  readonly aliases: readonly string[];
  /** Tokens per slot. */
  readonly context_size: number;
  readonly memory_bytes: number;
  readonly fingerprint: string;
  readonly command: readonly string[];
  readonly started_at: string | null;
  readonly ready_at: string | null;
  /** In backoff: when the next start is due. */
  readonly next_start_at: string | null;
  readonly failure: InstanceReport['failure'];
  readonly last_exit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly at: string;
    readonly tail: string;
  } | null;
}

/** A health check as `describe` and `/health` show it. */
export interface ProbeView {
  readonly at: string;
  readonly health: Health;
  readonly detail: string | null;
  readonly latency_ms: number;
}

/** `drover describe --json`. */
export interface InstanceDetailView {
  readonly view: InstanceView;
  readonly config_file: string;
  /** Null when the file cannot be used; `problems` says why. */
  readonly config: InstanceConfig | null;
  readonly problems: readonly { readonly path: string; readonly message: string; readonly hint: string | null }[];
  /** The config reaches the process only after a restart. */
  readonly needs_restart: boolean;
  /** Latest report of the agent; null when it knows nothing of the instance. */
  readonly report: InstanceReportView | null;
  /** The memory estimate, line by line. */
  readonly memory_estimate: readonly string[];
  /** Bytes in use by the engine as measured; null when nothing measures it. */
  readonly memory_observed_bytes: number | null;
  /** Latest health checks, newest last. */
  readonly health_history: readonly ProbeView[];
  /** Latest facts, newest last. */
  readonly facts: readonly FactView[];
}
