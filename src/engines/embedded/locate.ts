/** Finds our own engine worker: the compiled script, the Node that runs it, and the library it loads. */

import { existsSync } from 'node:fs';

import { AppError } from '../../contract/errors.ts';
import { installedFile } from '../../kernel/index.ts';
import type { EngineBinary } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { packagedRelease } from '../packaged-sources.ts';
import { installedLibrary, libraryVersion } from './library.ts';

function workerScript(): string {
  const script = installedFile('dist/daemon/engine-worker.js');
  if (existsSync(script)) return script;
  throw new AppError('ENGINE_NOT_FOUND', 'the embedded engine is not compiled', { hint: 'run "npm run build"' });
}

/** The worker as a program. A GPU backend takes the library with its packs, when that is installed. */
export function findEmbedded(settings: EngineFolderSettings, backend: string): EngineBinary {
  const library = installedLibrary(settings, backend);
  return {
    file: process.execPath,
    leadingArgs: [workerScript(), ...(library === null ? [] : ['--library', library])],
    version: `node-llama-cpp ${libraryVersion()} (llama.cpp ${packagedRelease()})`,
    flags: null,
    origin: library === null ? 'packaged' : 'built',
  };
}
