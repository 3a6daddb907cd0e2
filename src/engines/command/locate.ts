/** Finds the program that a `command` engine names: a path, or a name on PATH. It is asked for nothing. */

import { isAbsolute } from 'node:path';

import { AppError } from '../../contract/errors.ts';
import type { EngineBinary } from '../engine.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { findOnPath, isExecutable } from '../program.ts';

export function findCommand({ environment }: EngineFolderSettings, path: string | undefined): EngineBinary {
  if (path === undefined) throw missing('no "engine": {"path": …} names the program');
  const isPath = isAbsolute(path);
  const file = isPath ? path : findOnPath(path, environment);
  if (file === null) throw missing(`there is no program "${path}" on PATH`);
  if (!isExecutable(file)) throw missing(`engine.path "${path}" is no executable file`);
  return { file, leadingArgs: [], version: 'unknown', flags: null, origin: isPath ? 'config' : 'path' };
}

function missing(message: string): AppError {
  return new AppError('ENGINE_NOT_FOUND', message, {
    hint: 'install the program, or correct "engine": {"path": …}; its environment is the daemon\'s',
  });
}
