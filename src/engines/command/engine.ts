/** The command engine: any OpenAI-compatible program, run by the words of its config. Ties its pure parts to the port. */

import type { ProgramEngine } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { buildCommand, stopCommand } from './args.ts';
import { classifyHealth, healthPaths } from './health.ts';
import { findCommand } from './locate.ts';
import { servedModel } from './models.ts';
import { parseContextSize } from './props.ts';
import { parseSlots } from './slots.ts';

export function createCommandEngine(settings: EngineFolderSettings): ProgramEngine {
  return {
    kind: 'command',
    locate: async (spec) => findCommand(settings, spec.engine.path),
    buildCommand,
    stopCommand,
    healthPaths: (spec) => healthPaths(spec.health.path),
    classifyHealth,
    parseSlots,
    parseContextSize,
    servedModel,
  };
}
