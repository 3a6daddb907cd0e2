/** The llama-server engine: ties its pure parts and its discovery to the port. */

import type { ProgramEngine } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { buildCommand } from './args.ts';
import { classifyHealth, healthPaths } from './health.ts';
import { findLlamaServer } from './locate.ts';
import { parseContextSize } from './props.ts';
import { parseSlots } from './slots.ts';

export function createLlamaServerEngine(settings: EngineFolderSettings): ProgramEngine {
  return {
    kind: 'llama-server',
    locate: (spec, signal) => findLlamaServer(settings, spec.engine.path, signal),
    buildCommand,
    stopCommand: () => null,
    healthPaths: (spec) => healthPaths(spec.health.path),
    classifyHealth,
    parseSlots,
    parseContextSize,
    // It has one model, and takes any name for it.
    servedModel: () => null,
  };
}
