/** Reads a plan folder from disk: the text of plan.md, the files beside it, and the digest that names the version. */
import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { VERSION_FOLDERS } from './version-folders.ts';

type LoadedPlanFolder =
  | {
      readonly kind: 'loaded';
      /** Text of plan.md. */
      readonly source: string;
      /** Files below scripts/, lib/ and schemas/, relative to the folder, with `/`; sorted. */
      readonly files: readonly string[];
      /** sha256 over plan.md and those files, names and contents (of links: where they lead), in hex. */
      readonly digest: string;
      /** The text of those that end in `.json` and that plan.md names: its schemas are among them. */
      readonly texts: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'missing'; readonly reason: string };

/** Rejects only when a file that is there cannot be read. */
export async function loadPlanFolder(folder: string): Promise<LoadedPlanFolder> {
  const bytes = await readIfThere(join(folder, 'plan.md'));
  if (bytes === undefined) return { kind: 'missing', reason: `there is no plan.md in ${folder}` };
  const nested = await Promise.all(VERSION_FOLDERS.map((name) => filesBelow(folder, name)));
  const found = nested.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const source = bytes.toString('utf8');
  const texts = new Map<string, string>();
  const hash = createHash('sha256');
  addToDigest(hash, 'plan.md', bytes);
  for (const { path, isLink } of found) {
    const at = join(folder, path);
    // What a link leads to may be as large as a model.
    const content = isLink ? Buffer.from(await readlink(at)) : await readFile(at);
    addToDigest(hash, path, content);
    if (!path.endsWith('.json') || !source.includes(path)) continue;
    texts.set(path, isLink ? await readFile(at, 'utf8') : content.toString('utf8'));
  }
  return { kind: 'loaded', source, files: found.map(({ path }) => path), digest: hash.digest('hex'), texts };
}

/** Lengths keep a name from running into its content. */
function addToDigest(hash: ReturnType<typeof createHash>, name: string, bytes: Buffer): void {
  hash.update(`${Buffer.byteLength(name)}:${name}:${bytes.length}:`).update(bytes);
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

interface FoundFile {
  readonly path: string;
  readonly isLink: boolean;
}

async function filesBelow(folder: string, relative: string): Promise<FoundFile[]> {
  const entries = await readdir(join(folder, relative), { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsence(error)) return [];
    throw error;
  });
  const nested = entries.map(async (entry) => {
    const path = `${relative}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(folder, path);
    const isLink = entry.isSymbolicLink();
    return entry.isFile() || (isLink && (await isFile(join(folder, path)))) ? [{ path, isLink }] : [];
  });
  return (await Promise.all(nested)).flat();
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}
