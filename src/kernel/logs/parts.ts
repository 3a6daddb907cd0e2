/** The parts of a log, rotated or not: which of them hold the wanted lines, and their bytes. */

import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { hasCode } from '../files.ts';
import { offsetSince, readMarks } from './marks.ts';
import { olderPart } from './older-part.ts';

const PIECE_BYTES = 64 * 1024;
export const MAX_OLDER_PARTS = 100;

interface Stat {
  readonly size: number;
  /** Names this very file, also after it was renamed. */
  readonly id: string;
  readonly changedAt: number;
}

export const NO_PART = 'none';

/** Null when there is none. */
export async function statOf(path: string): Promise<Stat | null> {
  try {
    const { size, ino, birthtimeMs, mtimeMs } = await stat(path);
    return { size, id: `${ino}:${birthtimeMs}`, changedAt: mtimeMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

export async function readPiece(path: string, offset: number): Promise<Buffer> {
  const handle = await tryOpen(path);
  if (handle === null) return Buffer.alloc(0);
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    const { bytesRead } = await handle.read(piece, 0, piece.length, offset);
    return piece.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

export async function* readPart({ path, from, to }: Part, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (from >= to) return;
  const handle = await tryOpen(path);
  if (handle === null) return;
  try {
    for (let at = from; at < to && !signal.aborted;) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, to - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

async function tryOpen(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

export interface Part {
  readonly path: string;
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

interface Wanted {
  readonly tailLines?: number | undefined;
  readonly since?: number | undefined;
}

/** From the oldest to the youngest, as many parts as the wanted lines and the wanted time need. */
export async function chooseParts(path: string, size: number, { tailLines, since }: Wanted): Promise<readonly Part[]> {
  const parts: Part[] = [];
  const begin = since === undefined ? null : offsetSince(readMarks(path), since);
  let wanted = tailLines ?? Infinity;
  let end = 0; // of the part, counted from the begin of the log
  for (let age = 0; age <= MAX_OLDER_PARTS && wanted > 0 && (begin === null || age === 0 || begin < end); age++) {
    const name = age === 0 ? path : olderPart(path, age);
    const seen = await statOf(name);
    const to = age === 0 ? size : (seen?.size ?? 0);
    if (age > 0 && to === 0) break;
    if (age > 0) end -= to;
    const tail = await findTail(name, to, wanted);
    const first = begin === null ? 0 : await findLineBegin(name, begin - end);
    parts.unshift({ path: name, id: seen?.id ?? NO_PART, from: Math.min(to, Math.max(tail.from, first)), to });
    wanted -= tail.lines;
  }
  return parts;
}

/** The begin of the line that holds this offset. */
async function findLineBegin(path: string, offset: number): Promise<number> {
  if (offset <= 0) return 0;
  const { from } = await findTail(path, offset, 1);
  const [before] = await readPiece(path, offset - 1);
  return before === 0x0a ? offset : from;
}

/** Where the last `wanted` lines begin, and how many there are. A last line without its newline counts. */
async function findTail(path: string, size: number, wanted: number): Promise<{ from: number; lines: number }> {
  const handle = wanted === Infinity ? null : await tryOpen(path);
  if (handle === null) return { from: 0, lines: 0 };
  try {
    let lines = 0;
    for (let end = size; end > 0;) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, end));
      await handle.read(piece, 0, piece.length, end - piece.length);
      end -= piece.length;
      for (let at = piece.length - 1; at >= 0; at--) {
        const isEnd = piece[at] === 0x0a && end + at !== size - 1;
        if (isEnd && ++lines === wanted) return { from: end + at + 1, lines };
      }
    }
    return { from: 0, lines: size > 0 ? lines + 1 : 0 };
  } finally {
    await handle.close();
  }
}
