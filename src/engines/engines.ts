/** The engines one can run. To add a kind: a folder with the same file names, and a line here. */

import type { ProgramEngine, RemoteEngine } from './engine.ts';
import type { EngineFolderSettings } from './engine-folder.ts';
import { createCommandEngine } from './command/engine.ts';
import { createEmbeddedEngine } from './embedded/engine.ts';
import { createLlamaServerEngine } from './llama-server/engine.ts';
import { remoteEngine } from './remote/engine.ts';

export type Engines = { readonly remote: RemoteEngine } & {
  readonly [Kind in ProgramEngine['kind']]: ProgramEngine;
};

export function createEngines(settings: EngineFolderSettings): Engines {
  return {
    'llama-server': createLlamaServerEngine(settings),
    embedded: createEmbeddedEngine(settings),
    command: createCommandEngine(settings),
    remote: remoteEngine,
  };
}
