/** The end of a file that a program writes into, as text. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { hasCode, statIfThere } from './files.ts';

interface FileEnd {
  /** Begins with a whole character. */
  readonly text: string;
  /** There is more before it. */
  readonly isCut: boolean;
}

const NOTHING: FileEnd = { text: '', isCut: false };

/**
 * At most `maxBytes`, of what is behind `from`; a file that is shorter than `from` by now was begun anew, and all of it is
 * meant. Empty when there is no file, whatever else is in its place.
 */
export function readFileEnd(
  path: string,
  { maxBytes, from = 0 }: { readonly maxBytes: number; readonly from?: number },
): FileEnd {
  const found = statIfThere(path);
  if (!found?.isFile() || found.size === 0) return NOTHING;
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return NOTHING;
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const begin = from > size ? 0 : from;
    const first = Math.max(begin, size - maxBytes);
    const buffer = Buffer.alloc(size - first);
    const bytes = buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, first));
    const isCut = first > begin;
    return { text: (isCut ? withoutSplitCharacter(bytes) : bytes).toString('utf8'), isCut };
  } finally {
    closeSync(handle);
  }
}

function withoutSplitCharacter(bytes: Buffer): Buffer {
  return bytes.subarray(Math.max(0, bytes.findIndex((byte) => (byte & 0xc0) !== 0x80))); // prettier-ignore
}
