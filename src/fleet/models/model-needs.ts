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
  /** Null until its file has been read, well or not; `onRead` is called when that has changed something. One that could not be read is read again. */
  of(modelId: string): ModelNeed | null;
  /** Its file could not be read the last time. */
  isUnreadable(modelId: string): boolean;
  /** Notes how long loads take. */
  onReport(report: Pick<InstanceReport, 'modelId' | 'state' | 'startedAt' | 'readyAt' | 'name'>): void;
}

interface ModelNeedsDeps {
  readonly specs: Pick<SpecResolver, 'resolve'>;
  readonly onRead: () => void;
  readonly log: Log;
}

type Size = Pick<Loadable, 'memoryBytes' | 'slots'>;

export function createModelNeeds({ specs, onRead, log }: ModelNeedsDeps): ModelNeeds {
  const sizes = new Map<string, Size | 'unreadable'>();
  const reading = new Set<string>();
  const loadTimes = new Map<string, number>();
  const seen = new Map<string, number>();

  function read(modelId: string): void {
    if (reading.has(modelId)) return;
    reading.add(modelId);
    void learn(modelId).finally(() => reading.delete(modelId));
  }

  async function learn(modelId: string): Promise<void> {
    const before = sizes.get(modelId);
    try {
      const spec = await specOfModel(modelId, specs);
      sizes.set(modelId, { memoryBytes: spec.model.memoryBytes, slots: spec.server.parallel });
    } catch (error) {
      log.warn({ err: error, model: modelId }, 'what a model takes is not known');
      sizes.set(modelId, 'unreadable');
    }
    if (sizes.get(modelId) !== before) onRead();
  }

  return {
    of(modelId) {
      const size = sizes.get(modelId);
      if (typeof size !== 'object') {
        read(modelId);
        return null;
      }
      const firstMs = ENGINE_START_MS + (size.memoryBytes / FIRST_BYTES_PER_SECOND) * 1_000;
      return { ...size, loadMs: loadTimes.get(modelId) ?? firstMs };
    },
    isUnreadable: (modelId) => sizes.get(modelId) === 'unreadable',
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
