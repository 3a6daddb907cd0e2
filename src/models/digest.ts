/** The SHA-256 of a file, read piece by piece so that whoever else runs in the process goes on. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const PIECE_BYTES = 256 * 1024;

/** In hexadecimal. Rejects with the error of the file system, or with the signal's reason. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES, signal }))
    hash.update(piece as Buffer);
  return hash.digest('hex');
}
