/**
 * From a config as a person wrote it to the spec that an agent obeys: every `auto` that does not depend on the launch
 * is decided, durations are milliseconds, and the fingerprint says when a running engine must be replaced. Pure.
 */

import { createHash } from 'node:crypto';
import { dirname, isAbsolute, resolve } from 'node:path';

import type { InstanceConfig } from '../../contract/instance-config.ts';
import type { InstanceSpec } from '../../contract/instances.ts';
import type { ModelPart } from '../../contract/models.ts';

/** What the spec needs beyond the config. */
export interface SpecFacts {
  /** Absolute path of the model file, or what stands for it (`model-source.ts`). */
  readonly modelPath: string;
  /** Catalogue id; null for a model given by path. */
  readonly modelId: string | null;
  /** Absolute path of the projector; null when there is none, or the engine takes none. */
  readonly projector: string | null;
  /** From the model's header; null when it does not say, or is not read. */
  readonly contextLength: number | null;
  /** The backend that `auto` means on this host. */
  readonly autoBackend: InstanceSpec['gpu']['backend'];
  /** Estimated need on the device; 0 when it cannot be estimated. */
  readonly memoryBytes: number;
  /** The same on the CPU, for layers that no card takes. */
  readonly hostMemoryBytes: number;
}

/** Used when neither the config nor the model says how much context there is. */
const FALLBACK_CONTEXT = 4_096;

/** An engine that is not told its context knows better than we do what fits into it. */
const UNKNOWN_CONTEXT = 1_048_576;

export function resolveSpec(config: InstanceConfig, facts: SpecFacts): InstanceSpec {
  const spec = {
    name: config.name,
    engine: engineOf(config),
    model: {
      path: facts.modelPath,
      id: facts.modelId,
      ...(facts.projector === null ? {} : { projector: facts.projector }),
      aliases: [...config.model.alias],
      contextSize: contextSizeOf(config, facts.contextLength),
      batchSize: config.model.batch_size,
      threads: config.model.threads,
      memoryBytes: facts.memoryBytes,
      hostMemoryBytes: facts.hostMemoryBytes,
    },
    server: {
      host: config.server.host,
      port: config.server.port ?? null,
      parallel: config.server.parallel,
      timeoutMs: config.server.timeout,
      key: config.server.key === 'auto' ? null : config.server.key,
    },
    gpu: gpuOf(config, facts),
    health: healthOf(config),
    stop: { drainMs: config.stop.drain, graceMs: config.stop.grace },
    restart: restartOf(config),
    env: { ...config.env },
    args: [...config.args],
    logs: { maxBytes: config.logs.max_size_mb * 1024 * 1024, keep: config.logs.keep },
    idleTtlMs: config.idle_ttl === 'never' ? null : config.idle_ttl,
    pinned: config.pinned,
  };
  return { ...spec, fingerprint: fingerprintOf(spec) };
}

/** Tokens of each slot. `contextLength` is the model's, null when it is not known. */
export function contextSizeOf(config: InstanceConfig, contextLength: number | null): number {
  const fallback = isConfiguredByUs(engineKindOf(config)) ? FALLBACK_CONTEXT : UNKNOWN_CONTEXT;
  return config.model.context_size ?? contextLength ?? fallback;
}

/** The path that a config names for its model; a relative one counts from the config's folder. */
export function modelPathOf({ model }: InstanceConfig, file: string): string | null {
  return model.path === undefined ? null : besideConfig(model.path, file);
}

/** The projector that a config names, or the one that its model came with; null for an engine that takes none. */
export function projectorOf(config: InstanceConfig, file: string, parts: readonly ModelPart[]): string | null {
  if (engineKindOf(config) !== 'llama-server') return null;
  const { projector } = config.model;
  if (projector !== undefined) return besideConfig(projector, file);
  return parts.find(({ role }) => role === 'projector')?.path ?? null;
}

function besideConfig(path: string, file: string): string {
  return isAbsolute(path) ? path : resolve(dirname(file), path);
}

/** Whoever names a program means a llama-server; everyone else gets the engine that is always there. */
export function engineKindOf({ engine }: InstanceConfig): InstanceSpec['engine']['kind'] {
  if (engine.kind !== 'auto') return engine.kind;
  return engine.path === undefined ? 'embedded' : 'llama-server';
}

/** True when our settings reach the engine as flags; false for what is run by words of its own, or elsewhere. */
export function isConfiguredByUs(kind: InstanceSpec['engine']['kind']): boolean {
  return kind === 'llama-server' || kind === 'embedded';
}

function engineOf(config: InstanceConfig): InstanceSpec['engine'] {
  const kind = engineKindOf(config);
  const { path, args, url, stop_command: stopCommand, key_env: keyEnv } = config.engine;
  return {
    kind,
    args: [...args],
    ...(path === undefined ? {} : { path }),
    ...(url === undefined ? {} : { url }),
    ...(stopCommand === undefined ? {} : { stopCommand: [...stopCommand] }),
    ...(keyEnv === undefined ? {} : { keyEnv }),
  };
}

function gpuOf(config: InstanceConfig, facts: SpecFacts): InstanceSpec['gpu'] {
  const { backend, devices, layers, split } = config.gpu;
  return {
    backend: backend === 'auto' ? facts.autoBackend : backend,
    devices: devices === 'auto' ? [] : [...devices],
    layers,
    split,
  };
}

function healthOf({ engine, healthcheck }: InstanceConfig): InstanceSpec['health'] {
  return {
    path: engine.health_path ?? healthcheck.path,
    intervalMs: healthcheck.interval,
    timeoutMs: healthcheck.timeout,
    retries: healthcheck.retries,
    startPeriodMs: healthcheck.start_period,
    loadTimeoutMs: healthcheck.load_timeout,
    stallTimeoutMs: healthcheck.stall_timeout,
    canaryMs: healthcheck.canary === 'off' ? null : healthcheck.canary,
  };
}

function restartOf({ restart }: InstanceConfig): InstanceSpec['restart'] {
  return {
    enabled: restart.enabled,
    maxRetries: restart.max_retries,
    windowMs: restart.window,
    initialDelayMs: restart.initial_delay,
    multiplier: restart.multiplier,
    maxDelayMs: restart.max_delay,
    jitter: restart.jitter,
    stableAfterMs: restart.stable_after,
  };
}

/** Covers what reaches the process and nothing else: an edit of the restart policy restarts no engine. */
function fingerprintOf(spec: Omit<InstanceSpec, 'fingerprint'>): string {
  const { memoryBytes: _estimate, hostMemoryBytes: _rest, id: _id, ...model } = spec.model;
  const launch = { engine: spec.engine, model, server: spec.server, gpu: spec.gpu, env: spec.env, args: spec.args };
  return createHash('sha256').update(canonicalJson(launch)).digest('hex').slice(0, 16);
}

/** JSON with the keys of every object in order, so that equal values have equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}
