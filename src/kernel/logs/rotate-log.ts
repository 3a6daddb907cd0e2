/**
 * Keeps a log that others append to within bounds, without their help: the head is copied to `.tmp`, cut off in place,
 * and the copy becomes `.1`. While there is a `.tmp`, a reader cannot know which bytes lie where; see `read-logs.ts`.
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
import { noteCut } from './marks.ts';
import { olderPart, partialCopy } from './older-part.ts';

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
  if (await hasLostHead(path)) await keepCopy(path, keep);
  const rotation = await moveHead(path, size, cutHead);
  await keepCopy(path, keep);
  return rotation;
}

/** A rotation died after the cut: what it had copied is nowhere else. */
async function hasLostHead(path: string): Promise<boolean> {
  const [copy, log] = await Promise.all([readHead(partialCopy(path)), readHead(path)]);
  return copy.length > 0 && !copy.equals(log.subarray(0, copy.length));
}

async function keepCopy(path: string, keep: number): Promise<void> {
  await shiftParts(path, keep);
  if (keep === 0) await rm(partialCopy(path), { force: true });
  else await rename(partialCopy(path), olderPart(path, 1));
}

async function moveHead(path: string, size: number, cutHead: CutHead): Promise<Rotation> {
  const copy = partialCopy(path);
  const headBytes = Math.floor((size - 1) / BLOCK_BYTES) * BLOCK_BYTES;
  await copyRange(path, { start: 0, end: headBytes }, createWriteStream(copy, { mode: 0o600 }));
  // Before the cut: a crash in between makes marks point too early, never too late.
  noteCut(path, headBytes);
  if (headBytes > 0 && (await cutHead(path, headBytes))) return 'collapsed';
  noteCut(path, moveRest(path, headBytes, copy));
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

/** Answers how many bytes it moved. In one turn: nothing that this process writes falls between the last copy and the cut. */
function moveRest(path: string, from: number, target: string): number {
  const handle = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(BLOCK_BYTES);
    let at = from;
    for (let bytes = 0; (bytes = readSync(handle, piece, 0, piece.length, at)) > 0; at += bytes) {
      appendFileSync(target, piece.subarray(0, bytes));
    }
    truncateSync(path, 0);
    return at - from;
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

async function readHead(path: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of createReadStream(path, { end: BLOCK_BYTES - 1 })) pieces.push(piece as Buffer);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  return Buffer.concat(pieces);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
