/** Streams a folder as a tar: files and folders only, in the order of their names; links and other things are left out. */

import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { hasCode } from '../files.ts';
import { BLOCK, paddingOf, writeHeader } from './header.ts';

const PIECE = 256 * 1024;

/** `wanted` says of each relative path whether it is taken along, folders with all below them. */
export async function* packFolder(
  folder: string,
  wanted: (path: string) => boolean = () => true,
): AsyncGenerator<Buffer> {
  yield* packBelow(folder, '', wanted);
  yield Buffer.alloc(2 * BLOCK);
}

async function* packBelow(folder: string, relative: string, wanted: (path: string) => boolean): AsyncGenerator<Buffer> {
  const entries = await readdir(join(folder, relative), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
    if (!wanted(path)) continue;
    if (entry.isDirectory()) {
      yield writeHeader({ kind: 'folder', path, size: 0, executable: true });
      yield* packBelow(folder, path, wanted);
    } else if (entry.isFile()) yield* packFile(folder, path);
  }
}

/** As long as it was when it was opened: what is written meanwhile is left out, what was cut off is zeros. */
async function* packFile(folder: string, path: string): AsyncGenerator<Buffer> {
  const file = await open(join(folder, path), 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  });
  if (file === null) return;
  try {
    const { size, mode } = await file.stat();
    yield writeHeader({ kind: 'file', path, size, executable: (mode & 0o100) !== 0 });
    for (let at = 0; at < size;) {
      const piece = Buffer.alloc(Math.min(PIECE, size - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      at += bytesRead === 0 ? piece.length : bytesRead;
      yield bytesRead === 0 ? piece : piece.subarray(0, bytesRead);
    }
    yield Buffer.alloc(paddingOf(size));
  } finally {
    await file.close();
  }
}
