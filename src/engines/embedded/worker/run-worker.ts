/** The life of an engine worker: listen, load, serve, end. The one place that decides when the process is over. */

import type { Server } from 'node:http';

import { AppError } from '../../../contract/errors.ts';
import type { Clock } from '../../../kernel/index.ts';
import { createEngineServer } from './http-server.ts';
import type { EngineState } from './http-server.ts';
import { loadModel } from './load-model.ts';
import type { WorkerOptions } from './options.ts';
import { createReadyEngine } from './ready-engine.ts';

export interface WorkerDeps {
  readonly clock: Clock;
  /** Names our build in answers. */
  readonly build: string;
  /** One line for the instance's log. */
  log(line: string): void;
  /** Aborts when the process is asked to end. */
  readonly stop: AbortSignal;
}

/** A step of the model takes this long at most; an engine that is slower is left to the operating system. */
const STOP_LIMIT_MS = 3_000;

/** Serves until `stop` aborts. Rejects when the port is taken or the model cannot be loaded. */
export async function runWorker(options: WorkerOptions, deps: WorkerDeps): Promise<void> {
  let state: EngineState = { kind: 'loading', progress: 0 };
  const server = createEngineServer(options.key, () => state);
  await listen(server, options);
  deps.log(`listening on http://${options.host}:${options.port}`);
  const startedAt = deps.clock.monotonic();
  const loading = loadModel(options, {
    onProgress: (progress) => void (state = { kind: 'loading', progress }),
    log: deps.log,
  });
  const loaded = await Promise.race([loading, aborted(deps.stop)]);
  if (loaded === null) return;
  const engine = createReadyEngine(loaded, { options, clock: deps.clock, build: deps.build });
  state = { kind: 'ready', engine };
  const took = Math.round(deps.clock.monotonic() - startedAt);
  deps.log(`model loaded in ${took} ms: ${engine.decoder.slots} slots of ${engine.decoder.contextSize} tokens`);
  await aborted(deps.stop);
  deps.log('stopping');
  server.close();
  await Promise.race([engine.loop.close(), deps.clock.sleep(STOP_LIMIT_MS)]);
  server.closeAllConnections();
}

function listen(server: Server, { host, port }: WorkerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error & { readonly code?: string }) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_TAKEN' : 'ENGINE_START_FAILED';
      reject(new AppError(code, `cannot listen on ${host}:${port}: ${cause.message}`, { cause, detail: { port } }));
    });
    server.listen(port, host, resolve);
  });
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
