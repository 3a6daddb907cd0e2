/** The engines one can run. To add a kind: a folder with the same file names, and a line here. */

import type { Engine, EngineKind } from './engine.ts';
import type { EngineFolderSettings } from './engine-folder.ts';
import { createEmbeddedEngine } from './embedded/engine.ts';
import { createLlamaServerEngine } from './llama-server/engine.ts';

export type Engines = Readonly<Record<EngineKind, Engine>>;

export function createEngines(settings: EngineFolderSettings): Engines {
  return {
    'llama-server': createLlamaServerEngine(settings),
    embedded: createEmbeddedEngine(settings),
  };
}
