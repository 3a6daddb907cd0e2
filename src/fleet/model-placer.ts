/** Has a model loaded or unloaded by its name, whatever stands behind the name: instances, or the catalogue alone. */

import { AppError } from '../contract/index.ts';
import type { Target } from '../gateway/index.ts';
import type { EphemeralInstances } from './ephemeral-instances.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { ModelNames } from './model-names.ts';

/** A load takes as long as its engine allows; this bounds the wait for an answer. */
const LOAD_ANSWER_MS = 1_800_000;

export interface ModelPlacer {
  /** Resolves when an instance that serves the model is ready. */
  load(model: string): Promise<void>;
  /** Resolves when none serves it any more. */
  unload(model: string): Promise<void>;
}

export interface ModelPlacerDeps {
  readonly names: Pick<ModelNames, 'resolve'>;
  readonly directory: Pick<InstanceDirectory, 'start' | 'stop'>;
  readonly ephemerals: Pick<EphemeralInstances, 'make'>;
}

export function createModelPlacer({ names, directory, ephemerals }: ModelPlacerDeps): ModelPlacer {
  function targetOf(model: string): Target {
    const target = names.resolve(model);
    if (target) return target;
    throw new AppError('MODEL_NOT_FOUND', `no instance, alias or model is named "${model}"`, {
      hint: 'run "drover models ls" and "drover ps --all"',
    });
  }

  return {
    async load(model) {
      const [first] = targetOf(model).instances;
      if (first) await directory.start(first.name, { wait: true, timeoutMs: LOAD_ANSWER_MS });
      else await ephemerals.make(model);
    },
    async unload(model) {
      const running = targetOf(model).instances.filter(({ desired }) => desired === 'running');
      await Promise.all(running.map(({ name }) => directory.stop(name, { force: false })));
    },
  };
}
