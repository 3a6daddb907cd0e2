/** Whether a worker left what its task promised: each path exists and is not empty. Patterns need at least one match. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
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

/** `**` is any number of folders, without those behind links: they may lead around; every other pattern is one name. */
function step(folder: string, segment: string): string[] {
  if (segment === '**') return [folder, ...entries(folder).flatMap((entry) => below(folder, entry))];
  if (!PATTERN.test(segment)) return [join(folder, segment)].filter((path) => existsSync(path));
  const wanted = segmentPattern(segment);
  return entries(folder)
    .map(({ name }) => name)
    .filter((name) => wanted?.test(name) && (segment.startsWith('.') || !name.startsWith('.')))
    .map((name) => join(folder, name));
}

function below(folder: string, entry: Dirent): string[] {
  const path = join(folder, entry.name);
  return entry.isDirectory() ? step(path, '**') : [path];
}

/** Null for what no name can match, as a range from its end to its start. */
function segmentPattern(segment: string): RegExp | null {
  const source = segment.replaceAll(/\[[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
    return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return null;
  }
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** What cannot be looked at counts as missing. */
function isFilled(path: string): boolean {
  try {
    const found = statSync(path);
    return found.isDirectory() ? entries(path).length > 0 : found.size > 0;
  } catch {
    return false;
  }
}
