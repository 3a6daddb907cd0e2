/**
 * From a config file to a spec an agent can run: looks at the model file, the port, the engine and the neighbours, and
 * fills in what the config left open. The rules are `config/`'s; this asks the world.
 */

import { availableParallelism } from 'node:os';

import { listInstanceNames, loadInstance, modelPathOf, resolveSpec, validateInstance } from '../config/index.ts';
import type { InstanceProblem, LoadedInstance, ModelInspection } from '../config/index.ts';
import { AppError } from '../contract/index.ts';
import type { InstanceConfig, InstanceReport, InstanceSpec } from '../contract/index.ts';
import { findPortHolder } from '../devices/index.ts';
import type { Engines } from '../engines/index.ts';
import { describeModelFile, estimateMemory } from '../models/index.ts';
import type { ModelHeader } from '../models/index.ts';
import type { ModelRegistry } from './model-registry.ts';

type UsableConfig = Extract<LoadedInstance, { kind: 'ok' }>;

export interface Inspected {
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
