/** Loads the library, a model file and a context with one sequence per slot. Everything about memory is decided here. */

import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';

import { AppError } from '../../../../contract/errors.ts';
import { libraryEntry } from '../../library.ts';
import type { WorkerOptions } from '../options.ts';

type LlamaLibrary = typeof import('node-llama-cpp');

export interface LoadedModel {
  readonly library: LlamaLibrary;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly context: LlamaContext;
}

interface LoadReport {
  /** 0 to 1, while the weights are read. */
  onProgress(share: number): void;
  log(message: string): void;
}

/** Rejects with ENGINE_START_FAILED, the library's reason in the message. */
export async function loadModel(options: WorkerOptions, report: LoadReport): Promise<LoadedModel> {
  const library = (await import(libraryEntry(options.library))) as LlamaLibrary;
  const llama = await startLibrary(library, options, report);
  const noModel = `the model "${options.model}" cannot be loaded`;
  const model = await attempt(noModel, 'check the file, or offload fewer layers when memory is short', () =>
    llama.loadModel({
      modelPath: options.model,
      gpuLayers: gpuLayers(options),
      onLoadProgress: (share) => report.onProgress(share),
    }),
  );
  const context = await attempt('the context does not fit', 'lower the context size or the slots', () =>
    model.createContext({
      sequences: options.parallel,
      contextSize: contextPerSlot(options, model),
      batchSize: options.batchSize,
      threads: options.threads,
      failedCreationRemedy: false,
    }),
  );
  return { library, llama, model, context };
}

/** `maxThreads` and `threads` both: the library's own choice was measured a hundred times slower on two cores. */
function startLibrary(library: LlamaLibrary, options: WorkerOptions, report: LoadReport): Promise<Llama> {
  const { backend } = options;
  const hint =
    backend === 'cpu'
      ? 'install the packages again with "npm ci"'
      : `run "drover engine add ${backend}", and check that the driver of the card is installed`;
  return attempt(`the library cannot start for backend "${backend}"`, hint, () =>
    library.getLlama({
      gpu: libraryGpu(options.backend),
      build: 'never',
      skipDownload: true,
      maxThreads: options.threads,
      progressLogs: false,
      logLevel: library.LlamaLogLevel.warn,
      logger: (level, message) => report.log(`${level}: ${message.trim()}`),
    }),
  );
}

function libraryGpu(backend: string): 'cuda' | 'vulkan' | 'metal' | false {
  return backend === 'cuda' || backend === 'vulkan' || backend === 'metal' ? backend : false;
}

function gpuLayers({ backend, gpuLayers: layers }: WorkerOptions): number | 'auto' | 'max' {
  if (libraryGpu(backend) === false) return 0;
  return layers === 'all' ? 'max' : layers;
}

/** As llama-server does it: the whole context is divided among the slots, in steps of 256 tokens. */
function contextPerSlot({ contextSize, parallel }: WorkerOptions, model: LlamaModel): number {
  const whole = contextSize === 0 ? model.trainContextSize : contextSize;
  return Math.max(256, Math.ceil(whole / parallel / 256) * 256);
}

async function attempt<Value>(what: string, hint: string, run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new AppError('ENGINE_START_FAILED', `${what}: ${reason}`, { cause, hint });
  }
}
