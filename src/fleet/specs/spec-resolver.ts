/**
 * From a config file to a spec an agent can run: looks at the model file, the port, the engine and the neighbours, and
 * fills in what the config left open. The rules are `config/`'s; this asks the world.
 */

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import {
  contextSizeOf,
  engineKindOf,
  errorsFirst,
  isConfiguredByUs,
  logFolderProblem,
  modelSourceOf,
  portsOfOtherInstances,
  problemSentence,
  projectorOf,
  resolveSpec,
  validateInstance,
} from '../../config/index.ts';
import type { EngineCheck, InstanceChecks, InstanceProblem, LoadedInstance } from '../../config/index.ts';
import { AppError } from '../../contract/index.ts';
import type { DeviceReport, InstanceConfig, InstanceReport, InstanceSpec } from '../../contract/index.ts';
import type { Engines } from '../../engines/index.ts';
import { createPorts, findPortHolder, logFiles } from '../../instances/index.ts';
import { statIfThere } from '../../kernel/index.ts';
import { describeModelFile, estimateMemory, estimateRest, inspectModelFile } from '../../models/index.ts';
import type { MemoryEstimate, MemoryNeed, ModelFile } from '../../models/index.ts';
import { memoryProblems } from './memory-problems.ts';
import type { ModelRegistry } from '../models/model-registry.ts';

export type UsableConfig = Extract<LoadedInstance, { kind: 'ok' }>;

interface Inspected {
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
  /** Of the spec that the config means now, without asking whether it can run; null when it means none. */
  fingerprint(config: UsableConfig): Promise<string | null>;
}

interface SpecResolverDeps {
  readonly home: string;
  readonly models: ModelRegistry;
  readonly engines: Engines;
  /** What `auto` means on the host that will run it. */
  readonly autoBackend: () => InstanceSpec['gpu']['backend'];
  /** Of the host that will run it; empty while it is not known. */
  readonly devices: () => readonly DeviceReport[];
}

export function createSpecResolver(deps: SpecResolverDeps): SpecResolver {
  async function inspect(loaded: UsableConfig, running: InstanceReport | null): Promise<Inspected> {
    const { file, config } = loaded;
    const problems = await validateInstance(file, config, checksFor(deps, config, running));
    if (hasErrors(problems)) return { problems, spec: null, memoryEstimate: [] };
    const { spec, estimate, rest } = await toSpec(deps, loaded);
    // What runs has its memory already.
    const more = running?.pid == null ? memoryProblems(file, { spec, estimate, devices: deps.devices() }) : [];
    const all = errorsFirst([...problems, ...more]);
    return {
      problems: all,
      spec: hasErrors(all) ? null : spec,
      memoryEstimate: [...(estimate?.lines ?? []), ...linesOfRest(rest)],
    };
  }

  return {
    inspect,
    fingerprint: (loaded) =>
      toSpec(deps, loaded).then(
        ({ spec }) => spec.fingerprint,
        () => null, // what is wrong with it is told by `inspect`
      ),
    async resolve(loaded, running) {
      const { problems, spec } = await inspect(loaded, running);
      if (spec) return spec;
      const [first] = problems;
      throw new AppError(first?.code ?? 'CONFIG_INVALID', first ? problemSentence(first) : `${loaded.file}: invalid`, {
        hint: first?.hint ?? `run "drover config validate ${loaded.config.name}"`,
        detail: { problems },
      });
    },
  };
}

function linesOfRest(rest: MemoryEstimate | null): readonly string[] {
  return rest === null ? [] : ['on the CPU, for the layers that are left:', ...rest.lines];
}

function hasErrors(problems: readonly InstanceProblem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

interface Resolved {
  readonly spec: InstanceSpec;
  /** Null: how much memory the engine will take is not known. */
  readonly estimate: MemoryEstimate | null;
  /** On the CPU, for layers that the cards do not take. */
  readonly rest: MemoryEstimate | null;
}

async function toSpec(deps: SpecResolverDeps, { file, config }: UsableConfig): Promise<Resolved> {
  const source = modelSourceOf(config, file, placesOf(deps));
  if (source.kind === 'unknown') throw new AppError('MODEL_NOT_FOUND', `the catalogue has no model "${source.id}"`);
  const model = await readableModel(config, source.path);
  const contextLength = model?.contextLength ?? null;
  const autoBackend = engineKindOf(config) === 'remote' ? 'cpu' : deps.autoBackend();
  const backend = config.gpu.backend === 'auto' ? autoBackend : config.gpu.backend;
  const need = model === null ? null : memoryNeed(config, model, backend);
  const estimate = need === null ? null : estimateMemory(need);
  const rest = need === null ? null : estimateRest(need);
  const projector = projectorOf(config, file, deps.models.known().get(config.model.id ?? '')?.files ?? []);
  const spec = resolveSpec(config, {
    modelPath: source.path,
    modelId: config.model.id ?? null,
    projector,
    contextLength,
    autoBackend,
    memoryBytes: estimate === null ? 0 : estimate.totalBytes + sizeOf(projector),
    hostMemoryBytes: rest?.totalBytes ?? 0,
  });
  return { spec, estimate, rest };
}

/** A projector lies on the device as it lies on the disk. */
function sizeOf(projector: string | null): number {
  return projector === null ? 0 : (statIfThere(projector)?.size ?? 0);
}

/** Null for what is no GGUF file, where the engine may take something else; rejects where it may not. */
async function readableModel(config: InstanceConfig, path: string): Promise<ModelFile | null> {
  const kind = engineKindOf(config);
  if (kind === 'remote') return null;
  const readable = isConfiguredByUs(kind) || (await inspectModelFile(path)).kind === 'gguf';
  return readable ? describeModelFile(path) : null;
}

/** The CPU takes all layers, whatever is said of those on cards. */
function memoryNeed(config: InstanceConfig, file: ModelFile, backend: InstanceSpec['gpu']['backend']): MemoryNeed {
  const layers = backend === 'cpu' || config.gpu.layers === 'auto' ? 'all' : config.gpu.layers;
  return { file, contextSize: contextSizeOf(config, file.contextLength), slots: config.server.parallel, layers };
}

function placesOf(deps: SpecResolverDeps) {
  return { catalogue: (id: string) => deps.models.known().get(id)?.path ?? null, exists: existsSync };
}

function checksFor(deps: SpecResolverDeps, config: InstanceConfig, running: InstanceReport | null): InstanceChecks {
  return {
    ...placesOf(deps),
    knownModels: async () => [...deps.models.known().keys()],
    inspectModel: inspectModelFile,
    checkPort: async (host, port) =>
      running?.pid != null && running.port === port ? { kind: 'free' } : checkPort(host, port),
    findEngine: (candidate) => findEngine(deps, candidate),
    logFolderProblem: () => logFolderProblem(logFiles(deps.home, config.name).folder),
    portsOfOthers: portsOfOtherInstances(deps.home, config.name),
    cores: availableParallelism(),
  };
}

async function findEngine(deps: SpecResolverDeps, config: InstanceConfig): Promise<EngineCheck> {
  const engine = deps.engines[engineKindOf(config)];
  if (engine.kind === 'remote') return { kind: 'found', flags: null };
  const { path } = config.engine;
  const { backend, devices, layers, split } = config.gpu;
  const gpu = {
    backend: backend === 'auto' ? deps.autoBackend() : backend,
    devices: devices === 'auto' ? [] : devices,
    layers,
    split,
  };
  try {
    const { flags } = await engine.locate({
      engine: { kind: engine.kind, args: [], ...(path === undefined ? {} : { path }) },
      gpu,
    });
    return { kind: 'found', flags };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'missing', message: error.message, hint: error.hint ?? null };
    throw error;
  }
}

async function checkPort(host: string, port: number): ReturnType<InstanceChecks['checkPort']> {
  if (await createPorts(port).isFree(host, port)) return { kind: 'free' };
  const holder = findPortHolder(port);
  return { kind: 'taken', holder: holder === null ? null : `${holder.command} (pid ${holder.pid})` };
}
