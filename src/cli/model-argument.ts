/** What a person types for a model, and the instance name that follows from a name. */

import { existsSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';

import type { CliContext } from './context.ts';

/** What looks like a file, or is one, is a path; anything else a catalogue id. */
export function modelOf({ cwd }: CliContext, model: string | undefined): { id: string } | { path: string } {
  if (model === undefined) return { id: 'demo' };
  const path = isAbsolute(model) ? model : resolve(cwd, model);
  const looksLikeFile = model.includes('/') || model.endsWith('.gguf') || (dirname(model) !== '.' && existsSync(path));
  return looksLikeFile ? { path } : { id: model };
}

/** Lower-case letters, digits and dashes; null when nothing is left. */
export function slug(name: string): string | null {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64);
  return plain === '' ? null : plain.replace(/-$/, '');
}
