/**
 * From a config file to a spec an agent can run: looks at the model file, the port, the engine and the neighbours, and
 * fills in what the config left open. The rules are `config/`'s; this asks the world.
 */

import { availableParallelism } from 'node:os';

import { modelPathOf, portsOfOtherInstances, resolveSpec, validateInstance } from '../config/index.ts';
import type { InstanceChecks, InstanceProblem, LoadedInstance } from '../config/index.ts';
import { AppError } from '../contract/index.ts';
import type { InstanceConfig, InstanceReport, InstanceSpec } from '../contract/index.ts';
import type { Engines } from '../engines/index.ts';
import { createPorts, findPortHolder } from '../instances/index.ts';
import { describeModelFile, estimateMemory, inspectModelFile } from '../models/index.ts';
import type { MemoryEstimate, ModelFile } from '../models/index.ts';
import type { ModelRegistry } from './model-registry.ts';

type UsableConfig = Extract<LoadedInstance, { kind: 'ok' }>;

export interface Inspected {
  /** Errors first, then warnings. */
  readonly problems: readonly InstanceProblem[];
  /** Null when there are errors among the problems. */
  readonly spec: InstanceSpec | null;
  readonly memoryEstimate: readonly string[];
}

export interface SpecResolver {
  /** Rejects with the code of the first error found; `detail.problems` has them all. */
  resolve(config: UsableConfig, running: InstanceReport | null): Promise<InstanceSpec>;
  /** The same without throwing. */
  inspect(config: UsableConfig, running: InstanceReport | null): Promise<Inspected>;
}

export interface SpecResolverDeps {
  readonly home: string;
  readonly models: ModelRegistry;
  readonly engines: Engines;
  /** What `auto` means on the host that will run it. */
  readonly autoBackend: () => InstanceSpec['gpu']['backend'];
}

export function createSpecResolver(deps: SpecResolverDeps): SpecResolver {
  async function inspect(loaded: UsableConfig, running: InstanceReport | null): Promise<Inspected> {
    const { file, config } = loaded;
    const problems = await validateInstance(file, config, checksFor(deps, config, running));
    const modelPath = modelFileOf(deps, loaded);
    if (modelPath === null || problems.some(({ severity }) => severity === 'error')) {
      return { problems, spec: null, memoryEstimate: [] };
    }
    const model = await describeModelFile(modelPath);
    const spec = toSpec(deps, config, model);
    return { problems, spec, memoryEstimate: memoryNeed(config, model, spec.model.contextSize).lines };
  }

  return {
    inspect,
    async resolve(loaded, running) {
      const { problems, spec } = await inspect(loaded, running);
      if (spec) return spec;
      const [first] = problems;
      throw new AppError(
        first?.code ?? 'CONFIG_INVALID',
        `${first?.path ?? loaded.file}: ${first?.message ?? 'invalid'}`,
        {
          hint: first?.hint ?? `run "drover config validate ${loaded.config.name}"`,
          detail: { problems },
        },
      );
    },
  };
}

function toSpec(deps: SpecResolverDeps, config: InstanceConfig, model: ModelFile): InstanceSpec {
  return resolveSpec(config, {
    modelPath: model.path,
    modelId: config.model.id ?? null,
    contextLength: model.contextLength,
    autoEngine: engineKindOf(config),
    autoBackend: deps.autoBackend(),
    estimateMemory: ({ contextSize }) => memoryNeed(config, model, contextSize).totalBytes,
  });
}

function memoryNeed(config: InstanceConfig, file: ModelFile, contextSize: number): MemoryEstimate {
  const layers = config.gpu.layers === 'auto' ? 'all' : config.gpu.layers;
  return estimateMemory({ file, contextSize, slots: config.server.parallel, layers });
}

/** Whoever names a program means a llama-server; everyone else gets the engine that is always there. */
function engineKindOf(config: InstanceConfig): InstanceSpec['engine']['kind'] {
  if (config.engine.kind !== 'auto') return config.engine.kind;
  return config.engine.path === undefined ? 'embedded' : 'llama-server';
}

function modelFileOf(deps: SpecResolverDeps, { file, config }: UsableConfig): string | null {
  const { id } = config.model;
  return id === undefined ? modelPathOf(config, file) : (deps.models.known().get(id)?.path ?? null);
}

function checksFor(deps: SpecResolverDeps, config: InstanceConfig, running: InstanceReport | null): InstanceChecks {
  return {
    modelFile: async (id) => deps.models.known().get(id)?.path ?? null,
    knownModels: async () => [...deps.models.known().keys()],
    inspectModel: inspectModelFile,
    checkPort: async (host, port) =>
      running?.pid != null && running.port === port ? { kind: 'free' } : checkPort(host, port),
    engineProblem: (candidate) => engineProblem(deps, candidate),
    portsOfOthers: portsOfOtherInstances(deps.home, config.name),
    cores: availableParallelism(),
  };
}

async function engineProblem(
  deps: SpecResolverDeps,
  config: InstanceConfig,
): ReturnType<InstanceChecks['engineProblem']> {
  const kind = engineKindOf(config);
  const { path, args } = config.engine;
  const { backend, devices, layers, split } = config.gpu;
  const gpu = {
    backend: backend === 'auto' ? deps.autoBackend() : backend,
    devices: devices === 'auto' ? [] : devices,
    layers,
    split,
  };
  const engine = deps.engines[kind];
  if (engine.kind === 'remote') return null;
  try {
    await engine.locate({ engine: { kind, args, ...(path === undefined ? {} : { path }) }, gpu });
    return null;
  } catch (error) {
    if (error instanceof AppError) return { message: error.message, hint: error.hint ?? null };
    throw error;
  }
}

async function checkPort(host: string, port: number): ReturnType<InstanceChecks['checkPort']> {
  if (await createPorts(port).isFree(host, port)) return { kind: 'free' };
  const holder = findPortHolder(port);
  return { kind: 'taken', holder: holder === null ? null : `${holder.command} (pid ${holder.pid})` };
}
