/**
 * Adds lines to a file that several processes write at once. A line is one write at the end of the file, so that lines
 * never mix; what a writer that was killed has left of its last line is closed off first.
 */

import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Rejects when the file system does. */
export async function appendLine(path: string, value: unknown): Promise<void> {
  const line = Buffer.from(`${JSON.stringify(value)}\n`);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    // Another writer may be just there: then an empty line is written, which readers pass over.
    const bytes = (await endsInLine(file, size)) ? line : Buffer.concat([NEW_LINE, line]);
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten < bytes.length) throw new Error(`${path}: ${bytes.length - bytesWritten} bytes were not written`);
  } finally {
    await file.close();
  }
}

const NEW_LINE = Buffer.from('\n');

/** The file up to `size` is whole lines. */
export async function endsInLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last.equals(NEW_LINE);
}
