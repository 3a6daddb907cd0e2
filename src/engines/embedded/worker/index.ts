/**
 * What the composition root of the engine worker process needs. A call passes `routes/` (HTTP), `request/` (read and made
 * ready, with `tools/` and `json-schema-grammar/`), `batching/` (all calls share one model) and `reply/`; `model/` is the
 * library behind them.
 */

import { packagedRelease } from '../../packaged-sources.ts';
import { libraryVersion } from '../library.ts';

export { parseWorkerOptions } from './options.ts';
export { runWorker } from './run-worker.ts';

/** Names the engine in answers: the library and the llama.cpp release in it. */
export function workerBuild(): string {
  return `node-llama-cpp-${libraryVersion()}-${packagedRelease()}`;
}
