/** What a load of each model of the catalogue takes: memory from its file, time from the loads that were seen. */

import type { Loadable } from '../../brain/index.ts';
import type { InstanceReport } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';
import { specOfModel } from '../specs/model-spec.ts';
import type { SpecResolver } from '../specs/spec-resolver.ts';

/** Before the first load of a model was seen: reading it from a disk at this rate, and the start of the engine. */
const FIRST_BYTES_PER_SECOND = 200 * 1024 * 1024;
const ENGINE_START_MS = 2_000;
/** Weight of the newest load. */
const SMOOTHING = 0.5;

type ModelNeed = Pick<Loadable, 'memoryBytes' | 'slots' | 'loadMs'>;

export interface ModelNeeds {
  /** Null until its file has been read; `onKnown` is called then. */
  of(modelId: string): ModelNeed | null;
  /** Notes how long loads take. */
  onReport(report: Pick<InstanceReport, 'modelId' | 'state' | 'startedAt' | 'readyAt' | 'name'>): void;
}

interface ModelNeedsDeps {
  readonly home: string;
  readonly specs: Pick<SpecResolver, 'resolve'>;
  readonly onKnown: () => void;
  readonly log: Log;
}

type Size = Pick<Loadable, 'memoryBytes' | 'slots'>;

export function createModelNeeds({ home, specs, onKnown, log }: ModelNeedsDeps): ModelNeeds {
  const sizes = new Map<string, Size | 'unknown'>();
  const loadTimes = new Map<string, number>();
  const seen = new Map<string, number>();

  async function learn(modelId: string): Promise<void> {
    try {
      const spec = await specOfModel(modelId, { home, specs });
      sizes.set(modelId, { memoryBytes: spec.model.memoryBytes, slots: spec.server.parallel });
      onKnown();
    } catch (error) {
      log.warn({ err: error, model: modelId }, 'what a model takes is not known');
      sizes.delete(modelId);
    }
  }

  return {
    of(modelId) {
      const size = sizes.get(modelId);
      if (size === undefined) {
        sizes.set(modelId, 'unknown');
        void learn(modelId);
      }
      if (size === undefined || size === 'unknown') return null;
      const firstMs = ENGINE_START_MS + (size.memoryBytes / FIRST_BYTES_PER_SECOND) * 1_000;
      return { ...size, loadMs: loadTimes.get(modelId) ?? firstMs };
    },
    onReport({ name, modelId, state, startedAt, readyAt }) {
      if (modelId === null || state !== 'ready' || startedAt === null || readyAt === null) return;
      if (seen.get(name) === readyAt) return;
      seen.set(name, readyAt);
      const before = loadTimes.get(modelId);
      const took = readyAt - startedAt;
      loadTimes.set(modelId, before === undefined ? took : before + SMOOTHING * (took - before));
    },
  };
}
