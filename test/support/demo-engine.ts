/** The demo model in this process, through the worker's own parts: for tests that ask the real library many things. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Ending, Generation, SaidToken } from '../../src/engines/embedded/worker/batching/generation.ts';
import { loadModel } from '../../src/engines/embedded/worker/model/load-model.ts';
import { parseWorkerOptions } from '../../src/engines/embedded/worker/options.ts';
import { createReadyEngine } from '../../src/engines/embedded/worker/ready-engine.ts';
import type { ReadyEngine } from '../../src/engines/embedded/worker/ready-engine.ts';
import { readCompletionRequest } from '../../src/engines/embedded/worker/request/completion-request.ts';
import type { CompletionKind } from '../../src/engines/embedded/worker/request/parameters.ts';
import { systemClock } from '../../src/kernel/index.ts';
import { writeDemoModel } from '../../src/models/index.ts';

export interface Said {
  readonly text: string;
  readonly ending: Ending['kind'];
  readonly tokens: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly said: readonly SaidToken[];
}

export interface DemoEngine {
  readonly engine: ReadyEngine;
  /** Reads a request body as the server does and runs its first generation to the end. */
  ask(body: object, kind?: CompletionKind): Promise<Said>;
  /** Reads a request body as the server does. */
  read(body: object, kind?: CompletionKind): Promise<Generation>;
  run(generation: Generation): Promise<Said>;
  close(): Promise<void>;
}

export async function loadDemoEngine(): Promise<DemoEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-demo-'));
  const { path } = writeDemoModel(join(folder, 'demo.gguf'));
  const argv = ['--model', path, '--port', '1', '--parallel', '4', '--ctx-size', '4096', '--threads', '1'];
  const options = parseWorkerOptions(argv, { key: undefined, callbackToken: undefined });
  const loaded = await loadModel(options, { onProgress: () => {}, log: () => {} });
  const engine = createReadyEngine(loaded, { options, clock: systemClock, build: 'test' });
  const read: DemoEngine['read'] = async (body, kind = 'text') => {
    const [generation] = (await readCompletionRequest(kind, body, engine)).generations;
    if (generation === undefined) throw new Error('the request has no generation');
    return generation;
  };
  return {
    engine,
    read,
    run: (generation) => run(engine, generation),
    ask: async (body, kind) => run(engine, await read(body, kind)),
    async close() {
      await engine.loop.close();
      await loaded.llama.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run({ loop }: ReadyEngine, generation: Generation): Promise<Said> {
  let text = '';
  const all: SaidToken[] = [];
  return new Promise((resolve, reject) => {
    loop.submit(generation, {
      text(piece, _, said) {
        text += piece;
        all.push(...said);
      },
      end: ({ kind, timings, promptTokens }) =>
        resolve({
          text,
          ending: kind,
          tokens: timings.predictedTokens,
          cachedTokens: timings.cachedTokens,
          promptTokens,
          said: all,
        }),
      fail: reject,
    });
  });
}
