/** The llama-server engine: ties its pure parts and its discovery to the port. */

import type { ProgramEngine } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { buildCommand } from './args.ts';
import { findLlamaServer } from './locate.ts';
import { readAsLlamaServer } from './reading.ts';

export function createLlamaServerEngine(settings: EngineFolderSettings): ProgramEngine {
  return {
    ...readAsLlamaServer,
    kind: 'llama-server',
    locate: (spec, signal) => findLlamaServer(settings, spec.engine.path, signal),
    buildCommand,
    stopCommand: () => null,
    // It has one model, and takes any name for it.
    servedModel: () => null,
  };
}
