/** What of a home still runs, found from its records alone, while no daemon can be asked. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { HomePaths } from '../config/paths.ts';
import { readFileIfExists } from '../kernel/files.ts';
import { lockHolder } from '../kernel/lock.ts';
import { isProcessIdentity, isSameProcess } from '../kernel/process-identity.ts';

/** True when an agent, an engine or a worker of this home lives: all of them are recorded under `agent/`. */
export function somethingRuns(paths: HomePaths): boolean {
  if (lockHolder(paths.agentLock) !== null) return true;
  // Attempts are only listed there; which of them live is for an agent to find out.
  if (recordFiles(join(paths.agent, 'attempts')).length > 0) return true;
  return recordFiles(paths.agent).some((file) => holdsLiveProcess(parseRecord(file)));
}

function recordFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
}

function parseRecord(file: string): unknown {
  try {
    return JSON.parse(readFileIfExists(file) ?? 'null');
  } catch {
    return null;
  }
}

function holdsLiveProcess(value: unknown): boolean {
  if (isProcessIdentity(value)) return isSameProcess(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsLiveProcess);
}
