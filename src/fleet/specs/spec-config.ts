/** From a spec back to a config file that means the same: for an engine whose config is lost. Pure. */

import type { InstanceConfigInput, InstanceSpec } from '../../contract/index.ts';

const MIB = 1024 * 1024;
/** What a config may say; less than that is what the model itself says. */
const SMALLEST_CONTEXT = 512;

/** The text of the file. What an agent runs with it has the fingerprint that it has now. */
export function configOfSpec(spec: InstanceSpec): string {
  return `${JSON.stringify(toConfig(spec), null, 2)}\n`;
}

function toConfig(spec: InstanceSpec): InstanceConfigInput {
  const { engine, model, server, gpu, health, stop, restart } = spec;
  return {
    name: spec.name,
    engine: {
      kind: engine.kind,
      args: engine.args,
      ...(engine.path === undefined ? {} : { path: engine.path }),
      ...(engine.url === undefined ? {} : { url: engine.url }),
      ...(engine.stopCommand === undefined ? {} : { stop_command: engine.stopCommand }),
      ...(engine.keyEnv === undefined ? {} : { key_env: engine.keyEnv }),
    },
    model: {
      ...(model.id === null ? { path: model.path } : { id: model.id }),
      ...(model.projector === undefined ? {} : { projector: model.projector }),
      ...(model.contextSize < SMALLEST_CONTEXT ? {} : { context_size: model.contextSize }),
      batch_size: model.batchSize,
      threads: model.threads,
      alias: model.aliases,
    },
    server: {
      host: server.host,
      timeout: ms(server.timeoutMs),
      parallel: server.parallel,
      key: server.key ?? 'auto',
      ...(server.port === null ? {} : { port: server.port }),
    },
    gpu: {
      backend: gpu.backend,
      devices: gpu.devices.length === 0 ? 'auto' : gpu.devices,
      layers: gpu.layers,
      split: gpu.split,
    },
    healthcheck: {
      path: health.path,
      interval: ms(health.intervalMs),
      timeout: ms(health.timeoutMs),
      retries: health.retries,
      start_period: ms(health.startPeriodMs),
      load_timeout: ms(health.loadTimeoutMs),
      stall_timeout: ms(health.stallTimeoutMs),
      canary: health.canaryMs === null ? 'off' : ms(health.canaryMs),
    },
    stop: { drain: ms(stop.drainMs), grace: ms(stop.graceMs) },
    restart: {
      enabled: restart.enabled,
      max_retries: restart.maxRetries,
      window: ms(restart.windowMs),
      initial_delay: ms(restart.initialDelayMs),
      multiplier: restart.multiplier,
      max_delay: ms(restart.maxDelayMs),
      jitter: restart.jitter,
      stable_after: ms(restart.stableAfterMs),
    },
    env: spec.env,
    args: spec.args,
    logs: { max_size_mb: Math.max(1, Math.round(spec.logs.maxBytes / MIB)), keep: spec.logs.keep },
    idle_ttl: spec.idleTtlMs === null ? 'never' : ms(spec.idleTtlMs),
    pinned: spec.pinned,
  };
}

function ms(value: number): string {
  return `${value}ms`;
}
