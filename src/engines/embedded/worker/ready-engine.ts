/** A loaded engine: the parts that every route may use once loading is over. */

import type { Clock } from '../../../kernel/index.ts';
import { BatchLoop } from './batching/batch-loop.ts';
import type { Decoder } from './batching/decoder.ts';
import { createWorkerCounters } from './batching/metrics.ts';
import type { WorkerCounters } from './batching/metrics.ts';
import { createLlamaDecoder } from './model/llama-decoder.ts';
import type { LoadedModel } from './model/load-model.ts';
import { createTextModel } from './model/text-model.ts';
import type { TextModel } from './model/text-model.ts';
import type { WorkerOptions } from './options.ts';
import { createJobs } from './routes/jobs.ts';
import type { Jobs } from './routes/jobs.ts';

export interface ReadyEngine {
  readonly options: WorkerOptions;
  readonly clock: Clock;
  readonly build: string;
  readonly model: TextModel;
  readonly decoder: Decoder;
  readonly loop: BatchLoop;
  readonly counters: WorkerCounters;
  readonly jobs: Jobs;
}

interface ReadyEngineDeps {
  readonly options: WorkerOptions;
  readonly clock: Clock;
  readonly build: string;
}

export function createReadyEngine(loaded: LoadedModel, { options, clock, build }: ReadyEngineDeps): ReadyEngine {
  const model = createTextModel(loaded);
  const decoder = createLlamaDecoder(loaded, new Set(model.endings));
  const counters = createWorkerCounters();
  const loop = new BatchLoop({ decoder, clock, counters });
  return { options, clock, build, model, decoder, loop, counters, jobs: createJobs() };
}
