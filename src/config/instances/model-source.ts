/** Which model a config means, by the kind of its engine: a GGUF file, whatever a program takes, or a name elsewhere. */

import { isAbsolute } from 'node:path';

import type { InstanceConfig } from '../../contract/instance-config.ts';
import { engineKindOf, modelPathOf } from './resolve-spec.ts';

export type ModelSource =
  /** Must be a GGUF file. */
  | { readonly kind: 'gguf'; readonly path: string }
  /** Whatever the program takes: a file, a folder, or a name that means something to it. */
  | { readonly kind: 'any'; readonly path: string }
  /** The catalogue does not know it, and the engine needs a file. */
  | { readonly kind: 'unknown'; readonly id: string };

export interface ModelPlaces {
  /** The file of a catalogue id, null when it is not in the catalogue. */
  readonly catalogue: (id: string) => string | null;
  readonly exists: (path: string) => boolean;
}

/** `file` is the config's: a relative path counts from its folder. */
export function modelSourceOf(config: InstanceConfig, file: string, places: ModelPlaces): ModelSource {
  const { id, path = '' } = config.model;
  const kind = engineKindOf(config);
  const known = id === undefined ? modelPathOf(config, file) : places.catalogue(id);
  if (kind === 'remote') return { kind: 'any', path: id ?? path };
  if (kind === 'command')
    return { kind: 'any', path: id === undefined ? fileOrName(path, known, places) : (known ?? id) };
  return known === null ? { kind: 'unknown', id: id ?? '' } : { kind: 'gguf', path: known };
}

/** True for what can only be a place on disk. */
export function isPath(path: string): boolean {
  return isAbsolute(path) || /^\.{1,2}[\\/]/.test(path);
}

function fileOrName(written: string, resolved: string | null, { exists }: ModelPlaces): string {
  return resolved !== null && (isPath(written) || exists(resolved)) ? resolved : written;
}
