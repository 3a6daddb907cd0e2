/** The embedded engine: ties its pure parts and the packaged worker to the port. */

import type { ProgramEngine } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { buildCommand } from './args.ts';
import { classifyHealth, healthPaths } from './health.ts';
import { findEmbedded } from './locate.ts';
import { parseContextSize } from './props.ts';
import { parseSlots } from './slots.ts';

export function createEmbeddedEngine(settings: EngineFolderSettings): ProgramEngine {
  return {
    kind: 'embedded',
    locate: async (spec) => findEmbedded(settings, spec.gpu.backend),
    buildCommand,
    stopCommand: () => null,
    healthPaths: (spec) => healthPaths(spec.health.path),
    classifyHealth,
    parseSlots,
    parseContextSize,
    // It is told our name by `--alias`.
    servedModel: () => null,
  };
}
