/** Reads a plan folder from disk: the text of plan.md, the files beside it, and the digest that names the version. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { VERSION_FOLDERS } from './version-folders.ts';

type LoadedPlanFolder =
  | {
      readonly kind: 'loaded';
      /** Text of plan.md. */
      readonly source: string;
      /** Files below scripts/, lib/ and schemas/, relative to the folder, with `/`; sorted. */
      readonly files: readonly string[];
      /** sha256 over plan.md and those files, names and contents, in hex. */
      readonly digest: string;
    }
  | { readonly kind: 'missing'; readonly reason: string };

/** Rejects only when a file that is there cannot be read. */
export async function loadPlanFolder(folder: string): Promise<LoadedPlanFolder> {
  const bytes = await readIfThere(join(folder, 'plan.md'));
  if (bytes === undefined) return { kind: 'missing', reason: `there is no plan.md in ${folder}` };
  const nested = await Promise.all(VERSION_FOLDERS.map((name) => filesBelow(folder, name)));
  const files = nested.flat().toSorted();
  const hash = createHash('sha256');
  addToDigest(hash, 'plan.md', bytes);
  for (const file of files) addToDigest(hash, file, await readFile(join(folder, file)));
  return { kind: 'loaded', source: bytes.toString('utf8'), files, digest: hash.digest('hex') };
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

async function filesBelow(folder: string, relative: string): Promise<string[]> {
  const entries = await readdir(join(folder, relative), { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsence(error)) return [];
    throw error;
  });
  const nested = entries.map((entry) => {
    const path = `${relative}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(folder, path);
    return Promise.resolve(entry.isFile() ? [path] : []);
  });
  return (await Promise.all(nested)).flat();
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
