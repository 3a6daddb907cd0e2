/** Where engines that we built or installed lie. One rule for building, finding and cleaning. Pure. */

import { join } from 'node:path';

export interface EngineFolderSettings {
  /** `$DROVER_HOME`. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** `$DROVER_ENGINE_CACHE`, shared by several homes, else `$DROVER_HOME/engines`. */
export function engineFolder({ home, environment }: EngineFolderSettings): string {
  return environment['DROVER_ENGINE_CACHE'] || join(home, 'engines');
}

export type BuildBackend = 'cpu' | 'cuda' | 'vulkan';

/** Best first: what `findLlamaServer` takes when several were built. */
export const BUILD_BACKENDS: readonly BuildBackend[] = ['cuda', 'vulkan', 'cpu'];

export function llamaServerFolder(engines: string, release: string, backend: BuildBackend): string {
  return join(engines, 'llama-server', `${release}-${backend}`);
}

export function llamaServerFile(folder: string, platform: NodeJS.Platform = process.platform): string {
  return join(folder, platform === 'win32' ? 'llama-server.exe' : 'llama-server');
}
