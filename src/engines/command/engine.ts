/** The command engine: any OpenAI-compatible program, run by the words of its config. Ties its pure parts to the port. */

import type { ProgramEngine } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { readAsLlamaServer } from '../llama-server/reading.ts';
import { buildCommand, stopCommand } from './args.ts';
import { findCommand } from './locate.ts';
import { servedModel } from './models.ts';

export function createCommandEngine(settings: EngineFolderSettings): ProgramEngine {
  return {
    ...readAsLlamaServer,
    kind: 'command',
    locate: async (spec) => findCommand(settings, spec.engine.path),
    buildCommand,
    stopCommand,
    servedModel,
  };
}
