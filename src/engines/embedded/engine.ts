/** The embedded engine: ties its pure parts and the packaged worker to the port. */

import type { ProgramEngine } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { readAsLlamaServer } from '../llama-server/reading.ts';
import { buildCommand } from './args.ts';
import { findEmbedded } from './locate.ts';

export function createEmbeddedEngine(settings: EngineFolderSettings): ProgramEngine {
  return {
    ...readAsLlamaServer,
    kind: 'embedded',
    locate: async (spec) => findEmbedded(settings, spec.gpu.backend),
    buildCommand,
    stopCommand: () => null,
    // It is told our name by `--alias`.
    servedModel: () => null,
  };
}
