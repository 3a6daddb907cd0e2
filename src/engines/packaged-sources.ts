/** The llama.cpp sources that the npm package node-llama-cpp carries: where they lie and which release they are. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { AppError } from '../contract/errors.ts';

/** The `llama` folder inside the installed package. */
function packagedSourcesFolder(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(dirname(require.resolve('node-llama-cpp'))), 'llama');
}

/** A git bundle with one squashed commit. */
export function packagedBundle(): string {
  return join(packagedSourcesFolder(), 'gitRelease.bundle');
}

/** The llama.cpp release, e.g. `v0.4.0`; names the folders of what is built from it. */
export function packagedRelease(): string {
  const file = join(packagedSourcesFolder(), 'llama.cpp.info.json');
  const info = JSON.parse(readFileSync(file, 'utf8')) as { readonly tag?: unknown };
  if (typeof info.tag === 'string' && /^[\w.-]+$/.test(info.tag)) return info.tag;
  throw new AppError('ENGINE_NOT_FOUND', `${file} names no release`, { hint: 'reinstall with "npm ci"' });
}
