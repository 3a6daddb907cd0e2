/**
 * Keeps a log that others append to within bounds, without their help: the head moves to `.1` and is cut off in place.
 * Where the file system can collapse a range no line is lost; elsewhere what another process writes during the cut may
 * be, and what this process writes is not.
 */

import {
  appendFileSync,
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  truncateSync,
} from 'node:fs';
import type { WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { execa } from 'execa';

import { hasCode } from '../files.ts';
import { olderPart } from './older-part.ts';

export interface RotationLimits {
  readonly maxBytes: number;
  /** How many older parts are kept. */
  readonly keep: number;
}

export type Rotation = 'not-due' | 'collapsed' | 'truncated';

/** Cuts `bytes` off the head of a file that others append to; false where that is not possible. */
export type CutHead = (path: string, bytes: number) => Promise<boolean>;

/** Every file system in use has blocks of this size, or of a divisor of it. */
const BLOCK_BYTES = 65_536;

export async function rotateLog(
  path: string,
  { maxBytes, keep }: RotationLimits,
  cutHead: CutHead = collapseHead,
): Promise<Rotation> {
  const size = await sizeOf(path);
  if (size <= maxBytes) return 'not-due';
  const headBytes = Math.floor((size - 1) / BLOCK_BYTES) * BLOCK_BYTES;
  await shiftParts(path, keep);
  await copyRange(path, { start: 0, end: headBytes }, createWriteStream(`${path}.tmp`, { mode: 0o600 }));
  await rename(`${path}.tmp`, olderPart(path, 1));
  if (headBytes > 0 && (await cutHead(path, headBytes))) return 'collapsed';
  moveRest(path, headBytes, olderPart(path, 1));
  return 'truncated';
}

async function shiftParts(path: string, keep: number): Promise<void> {
  await rm(olderPart(path, keep), { force: true });
  for (let age = keep - 1; age >= 1; age--) {
    try {
      await rename(olderPart(path, age), olderPart(path, age + 1));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}

/** In one turn: nothing that this process writes falls between the last copy and the cut. */
function moveRest(path: string, from: number, target: string): void {
  const handle = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(BLOCK_BYTES);
    for (let at = from; ;) {
      const bytes = readSync(handle, piece, 0, piece.length, at);
      if (bytes === 0) break;
      appendFileSync(target, piece.subarray(0, bytes));
      at += bytes;
    }
    truncateSync(path, 0);
  } finally {
    closeSync(handle);
  }
}

/** Bytes `start` to `end` (exclusive) of one file, into a new file or after what another holds. */
async function copyRange(
  from: string,
  { start, end }: { start: number; end: number },
  target: WriteStream,
): Promise<void> {
  const source = end > start ? createReadStream(from, { start, end: end - 1 }) : Readable.from([]);
  await pipeline(source, target);
}

const collapseHead: CutHead = async (path, bytes) => {
  if (process.platform !== 'linux') return false;
  const args = ['--collapse-range', '--offset', '0', '--length', String(bytes), path];
  const { failed } = await execa('fallocate', args, { reject: false, stdin: 'ignore' });
  return !failed;
};

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
