/** Whether a worker left what its task promised: each path exists and is not empty. Patterns need at least one match. */

import { readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';

const PATTERN = /[*?[]/;

/** Of `produces`, what is missing or empty; relative paths are under `cwd`. */
export function missingProducts(cwd: string, produces: readonly string[]): string[] {
  return produces.filter((path) => {
    const found = PATTERN.test(path) ? matches(cwd, path) : [resolve(cwd, path)];
    return found.length === 0 || !found.every(isFilled);
  });
}

function matches(cwd: string, pattern: string): string[] {
  const segments = (isAbsolute(pattern) ? relative('/', pattern) : pattern).split('/').filter((part) => part !== '.');
  let folders = [isAbsolute(pattern) ? '/' : cwd];
  for (const segment of segments) {
    folders = folders.flatMap((folder) => step(folder, segment));
  }
  return folders;
}

/** `**` is any number of folders; every other pattern is one name. */
function step(folder: string, segment: string): string[] {
  if (segment === '**') return [folder, ...names(folder).flatMap((name) => step(join(folder, name), '**'))];
  if (!PATTERN.test(segment)) return [join(folder, segment)];
  const wanted = segmentPattern(segment);
  return names(folder)
    .filter((name) => wanted.test(name) && (segment.startsWith('.') || !name.startsWith('.')))
    .map((name) => join(folder, name));
}

function segmentPattern(segment: string): RegExp {
  const source = segment.replaceAll(/\[[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
    return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, 's');
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFilled(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return false;
  return found.isDirectory() ? names(path).length > 0 : found.size > 0;
}
