/** The life of an engine worker: listen, load, serve, end. The one place that decides when the process is over. */

import type { Server } from 'node:http';

import { AppError } from '../../../contract/errors.ts';
import { counted } from '../../../kernel/counted.ts';
import type { Clock } from '../../../kernel/index.ts';
import type { Decoder } from './batching/decoder.ts';
import { loadModel } from './model/load-model.ts';
import type { WorkerOptions } from './options.ts';
import { callReady, checkReachable } from './ready-call.ts';
import { createReadyEngine } from './ready-engine.ts';
import type { ReadyEngine } from './ready-engine.ts';
import { createEngineServer } from './routes/http-server.ts';
import type { EngineState } from './routes/http-server.ts';

interface WorkerDeps {
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

/** Serves until `stop` aborts or a client shuts it down. Rejects when the port is taken or the model cannot be loaded. */
export async function runWorker(options: WorkerOptions, deps: WorkerDeps): Promise<void> {
  const { key, callback } = options;
  if (callback !== null) checkReachable(callback, options);
  const shutDown = new AbortController();
  const stop = AbortSignal.any([deps.stop, shutDown.signal]);
  let state: EngineState = { kind: 'loading', progress: 0 };
  const server = createEngineServer({ key, state: () => state, shutDown: () => shutDown.abort() });
  await listen(server, options);
  deps.log(`listening on http://${options.host}:${options.port}`);
  try {
    const engine = await Promise.race([
      prepareEngine(options, deps, (progress) => void (state = { kind: 'loading', progress })),
      aborted(stop),
    ]);
    if (engine === null) return;
    state = { kind: 'ready', engine };
    if (callback !== null) void callReady(callback, options, aboutEngine(engine), { ...deps, stop });
    await aborted(stop);
    deps.log('stopping');
    server.close();
    await Promise.race([engine.loop.close(), deps.clock.sleep(STOP_LIMIT_MS)]);
  } finally {
    // Whoever runs it in a process of his own lives on otherwise.
    server.close();
    server.closeAllConnections();
  }
}

/** Loads and warms up: what is ready has decoded a token. */
async function prepareEngine(
  options: WorkerOptions,
  { clock, build, log }: WorkerDeps,
  onProgress: (share: number) => void,
): Promise<ReadyEngine> {
  const startedAt = clock.monotonic();
  const engine = createReadyEngine(await loadModel(options, { onProgress, log }), { options, clock, build });
  await warmUp(engine.decoder);
  const took = Math.round(clock.monotonic() - startedAt);
  log(`model loaded in ${took} ms: ${counted(engine.decoder.slots, 'slot')} of ${engine.decoder.contextSize} tokens`);
  return engine;
}

async function warmUp(decoder: Decoder): Promise<void> {
  try {
    await decoder.decode([{ slot: 0, position: 0, tokens: [0], sampler: null }]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('ENGINE_START_FAILED', `the model cannot decode: ${reason}`, {
      cause,
      hint: 'lower the batch size or the context size when memory is short',
    });
  }
  decoder.forget(0, 0);
}

function aboutEngine({ options, decoder, build }: ReadyEngine): object {
  return { model: options.alias, pid: process.pid, slots: decoder.slots, n_ctx: decoder.contextSize, build };
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
