/**
 * `$DROVER_HOME/instances/NAME/config.json` as a person writes it: fields, defaults, ranges, and what each is for (the
 * JSON Schema shows it). Validation beyond shape (files, ports, memory) lives in `config/`.
 */

import { z } from 'zod';

import { LONGEST_MS, parseDuration } from './durations.ts';
import { flagAbout } from './engine-flags.ts';

/** A duration field: seconds or text on file, milliseconds inside. */
export const durationMs = z.union([z.number().min(0), z.string()]).transform((value, ctx) => {
  const ms = parseDuration(value);
  if (ms !== null && ms <= LONGEST_MS) return ms;
  const found = `"${String(value).slice(0, 40)}"`;
  const what = ms === null ? 'is no duration; write seconds or text such as 500ms, 10s, 5m' : 'is longer than 24d';
  ctx.addIssue({ code: 'custom', message: `${found} ${what}` });
  return z.NEVER;
});

/** The instance of the brain's own model; plans ask for it by `executor: brain`. */
export const BRAIN_INSTANCE = 'brain';

export const INSTANCE_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

export const ENGINE_KINDS = ['llama-server', 'embedded', 'command', 'remote'] as const;
export const BACKENDS = ['cpu', 'cuda', 'vulkan', 'metal', 'rocm'] as const;

const auto = z.literal('auto');
const route = z.string().regex(/^\//, 'a path that begins with "/"');

/** At least a second. */
const beat = (fallback: string) => durationMs.prefault(fallback).refine((ms) => ms >= 1_000, 'must be at least 1s');

const engineSection = z
  .strictObject({
    kind: z
      .union([z.enum(ENGINE_KINDS), auto])
      .default('auto')
      .describe('What serves the model; `auto`: a llama-server where `path` names one, the embedded engine otherwise.'),
    path: z
      .string()
      .regex(/^(?:[\\/]|[A-Za-z]:[\\/]|[^\\/]+$)/, 'an absolute path, or the name of a program on PATH')
      .optional()
      .describe('The program: of `llama-server` left out for the one on PATH or built; needed by `command`.'),
    args: z
      .array(z.string())
      .default([])
      .describe('Arguments of the program. `command` fills in {host}, {port}, {model}, {name} and {key}.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where a `remote` engine is reached, with or without /v1 at its end.'),
    health_path: route.optional().describe('Wins over healthcheck.path.'),
    stop_command: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Program and arguments that end a `command` engine, filled in as args are; SIGTERM follows.'),
    key_env: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'a name of an environment variable')
      .optional()
      .describe('Variable that holds the key: handed to a `command` engine, read for a `remote` one.'),
  })
  .superRefine(checkEngine)
  .prefault({})
  .describe('The inference server.');

type EngineSection = {
  readonly [Field in 'kind' | 'path' | 'url']?: string | undefined;
} & { readonly args: readonly string[]; readonly stop_command?: unknown; readonly key_env?: unknown };

/** Each kind of engine has fields that only it knows, and some that it cannot do without. */
function checkEngine(engine: EngineSection, ctx: z.RefinementCtx): void {
  const wrong = (field: string, message: string) => ctx.addIssue({ code: 'custom', path: [field], message });
  const only = (field: 'url' | 'stop_command' | 'key_env', ...kinds: readonly string[]) => {
    if (engine[field] === undefined || kinds.includes(String(engine.kind))) return;
    wrong(field, `is for engines of kind ${kinds.map((kind) => `"${kind}"`).join(' and ')} only`);
  };
  only('url', 'remote');
  only('stop_command', 'command');
  only('key_env', 'command', 'remote');
  if (engine.kind === 'command' && engine.path === undefined) wrong('path', 'is needed by engines of kind "command"');
  if (engine.kind !== 'remote') return;
  if (engine.url === undefined) wrong('url', 'is needed by engines of kind "remote"');
  if (engine.path !== undefined) wrong('path', 'is not for engines of kind "remote": they are never started');
  if (engine.args.length > 0) wrong('args', 'are not for engines of kind "remote": they are never started');
}

const modelSection = z
  .strictObject({
    path: z.string().min(1).optional().describe(flagAbout('model.path')),
    id: z.string().min(1).optional().describe('Model of the catalogue ("drover models ls"), in the place of a path.'),
    projector: z.string().min(1).optional().describe(flagAbout('model.projector')),
    context_size: z.number().int().min(512).optional().describe(flagAbout('model.context_size')),
    batch_size: z.number().int().min(1).max(8192).default(512).describe(flagAbout('model.batch_size')),
    threads: z
      .union([z.number().int().min(1).max(256), auto])
      .default('auto')
      .describe(flagAbout('model.threads')),
    alias: z.array(z.string().min(1)).default([]).describe('Other names that requests may give as their model.'),
  })
  .refine((model) => (model.path === undefined) !== (model.id === undefined), {
    message: 'give exactly one of "path" and "id"',
  })
  .describe('What is served.');

const serverSection = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe(flagAbout('server.host')),
    port: z.number().int().min(1).max(65535).optional().describe(flagAbout('server.port')),
    timeout: durationMs.prefault(600).describe(flagAbout('server.timeout')),
    parallel: z.number().int().min(1).max(64).default(1).describe(flagAbout('server.parallel')),
    key: z
      .union([auto, z.string().min(1)])
      .default('auto')
      .describe(flagAbout('server.key')),
  })
  .prefault({})
  .describe('How the engine is reached.');

const gpuSection = z
  .strictObject({
    backend: z
      .union([z.enum(BACKENDS), auto])
      .default('auto')
      .describe(flagAbout('gpu.backend')),
    devices: z
      .union([z.array(z.string().min(1)).min(1), auto])
      .default('auto')
      .describe(flagAbout('gpu.devices')),
    layers: z
      .union([z.literal(['auto', 'all']), z.number().int().min(0)])
      .default('auto')
      .describe(flagAbout('gpu.layers')),
    split: z.enum(['none', 'layer', 'row']).default('none').describe(flagAbout('gpu.split')),
  })
  .prefault({})
  .describe('Where the model is computed.');

const healthcheckSection = z
  .strictObject({
    path: route.default('/health').describe('Asked first; then /health, /v1/health, /v1/models.'),
    interval: beat('10s').describe('Time between two checks.'),
    timeout: durationMs.prefault('5s').describe('Longest wait for an answer.'),
    retries: z.number().int().min(1).max(100).default(3).describe('Failed checks in a row that make it unhealthy.'),
    start_period: durationMs.prefault('60s').describe('Failed checks do not count so long after a start.'),
    load_timeout: durationMs.prefault('10m').describe('Longest time from a start to the first good answer.'),
    stall_timeout: beat('60s').describe(
      'Longest time a busy slot may stand still, and the first answer after a load may take.',
    ),
    canary: z
      .union([z.literal('off'), durationMs])
      .refine((every) => every === 'off' || every >= 1_000, 'must be at least 1s')
      .prefault('off')
      .describe('How often an idle engine is asked for one token, or "off".'),
  })
  .prefault({})
  .describe('When the engine counts as healthy.');

const stopSection = z
  .strictObject({
    drain: durationMs.prefault('30s').describe('Time for running requests to end.'),
    grace: durationMs.prefault('10s').describe('Time between SIGTERM and SIGKILL.'),
  })
  .prefault({})
  .describe('How the engine is ended.');

const restartSection = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Start it again after a crash.'),
    max_retries: z.number().int().min(0).max(100).default(5).describe('Crashes within the window that end in failed.'),
    window: durationMs.prefault('10m').describe('How long a crash counts.'),
    initial_delay: durationMs.prefault('2s').describe('Wait before the first restart.'),
    multiplier: z.number().min(1).max(10).default(2).describe('By which each wait is longer than the one before.'),
    max_delay: durationMs.prefault('60s').describe('Longest wait.'),
    jitter: z.number().min(0).max(1).default(0.1).describe('Share of a wait that is random.'),
    stable_after: durationMs.prefault('5m').describe('Time in health after which earlier crashes are forgotten.'),
  })
  .prefault({})
  .describe('What follows a crash.');

const logsSection = z
  .strictObject({
    max_size_mb: z.number().int().min(1).max(10_240).default(20).describe('Size at which a log is rotated.'),
    keep: z.number().int().min(0).max(100).default(5).describe('Older parts that are kept.'),
  })
  .prefault({})
  .describe('The output of the engine.');

/** Unknown fields are errors; missing optional ones take defaults. */
export const instanceConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('JSON Schema of this file, for editors.'),
    name: z
      .string()
      .regex(INSTANCE_NAME, 'lower-case letters, digits and dashes, 1 to 64 characters')
      .describe(flagAbout('name')),
    engine: engineSection,
    model: modelSection,
    server: serverSection,
    gpu: gpuSection,
    healthcheck: healthcheckSection,
    stop: stopSection,
    restart: restartSection,
    env: z.record(z.string(), z.string()).default({}).describe('Environment of the engine, over everything inherited.'),
    args: z.array(z.string()).default([]).describe('Arguments after all others, so that they win.'),
    logs: logsSection,
    idle_ttl: z
      .union([z.literal('never'), durationMs])
      .refine((ttl) => ttl === 'never' || ttl >= 1_000, 'must be at least 1s')
      .prefault('never')
      .describe('Unload after so long without a request; the next request loads it again.'),
    pinned: z.boolean().default(false).describe('Never unloaded to make room for another.'),
    tags: z.array(z.string().min(1).max(64)).max(32).default([]).describe('Words to find it by.'),
    autostart: z.boolean().default(false).describe('Come up with the daemon.'),
  })
  .refine((config) => config.engine.kind !== 'remote' || config.model.id !== undefined, {
    path: ['model', 'id'],
    message: 'is needed by engines of kind "remote": the name under which the server knows the model',
  });

export type InstanceConfig = z.output<typeof instanceConfigSchema>;
export type InstanceConfigInput = z.input<typeof instanceConfigSchema>;
