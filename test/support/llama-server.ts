/** Where tests find a real llama-server: the cache that CI builds into once, or nothing. */

import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `DROVER_ENGINE_CACHE`, else `~/.cache/drover/engines`. */
export function engineCache(): string {
  return process.env['DROVER_ENGINE_CACHE'] || join(homedir(), '.cache/drover/engines');
}

/** The newest built binary, or null. */
export function builtLlamaServer(): string | null {
  const folder = join(engineCache(), 'llama-server');
  if (!existsSync(folder)) return null;
  const built = readdirSync(folder)
    .map((release) => join(folder, release, 'llama-server'))
    .filter((file) => existsSync(file));
  return built.toSorted().at(-1) ?? null;
}
