/**
 * Reads logs that somebody writes, rotates or has not begun yet: the last lines, and then what comes. Readers are many
 * and independent; none of them is felt by the engine.
 */

import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

import type { Clock } from '../clock.ts';
import { hasCode } from '../files.ts';
import { createLineAssembler } from './lines.ts';
import { olderPart } from './older-part.ts';

export interface LogReading {
  /** Read side by side, line by line. */
  readonly paths: readonly string[];
  /** Lines from the end; absent: everything, older parts included. */
  readonly tailLines?: number | undefined;
  /** Goes on until the signal aborts, across rotations and restarts. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Longer lines are cut. */
  readonly maxLineChars?: number;
}

const MAX_LINE_CHARS = 64 * 1024;
const PIECE_BYTES = 64 * 1024;
/** Where the system tells of no change, this beat finds it. */
export const LOOK_BEAT_MS = 500;
const MAX_OLDER_PARTS = 100;

/** Texts of whole lines, as they are found. A file that does not exist is an empty one. */
export async function* readLogs(reading: LogReading): AsyncGenerator<string> {
  const left = new AbortController();
  const signal = AbortSignal.any([reading.signal, left.signal]);
  const sources = reading.paths.map((path) => readOne(path, { ...reading, signal }));
  try {
    yield* merge(sources);
  } finally {
    left.abort(); // wakes a source that waits for news, so that it can end
    await Promise.all(sources.map((source) => source.return(undefined)));
  }
}

async function* readOne(path: string, reading: LogReading): AsyncGenerator<string> {
  const lines = createLineAssembler(reading.maxLineChars ?? MAX_LINE_CHARS);
  const decoder = new StringDecoder('utf8');
  for await (const bytes of readBytes(path, reading)) {
    const text = lines.push(decoder.write(bytes));
    if (text !== '') yield text;
  }
  const rest = lines.flush();
  if (rest !== '') yield `${rest}\n`;
}

async function* readBytes(path: string, reading: LogReading): AsyncGenerator<Buffer> {
  const { signal, tailLines } = reading;
  const position = await lookAt(path);
  for (const part of await chooseParts(path, position.size, tailLines)) {
    yield* readRange(part.path, part.from, part.to, signal);
  }
  if (!reading.follow) return;
  position.offset = position.size;
  using changes = watchChanges(path, reading);
  while (!signal.aborted) {
    yield* readNews(path, position, signal);
    await changes.next();
  }
}

interface Position {
  offset: number;
  size: number;
  /** Identity of the youngest older part: another one means that the head has moved there. */
  olderId: number;
}

async function lookAt(path: string): Promise<Position> {
  const [size, older] = await Promise.all([statOf(path), statOf(olderPart(path, 1))]);
  return { offset: 0, size: size.size, olderId: older.ino };
}

/** What was written since the last look, wherever it lies by now. */
async function* readNews(path: string, position: Position, signal: AbortSignal): AsyncGenerator<Buffer> {
  const [now, older] = await Promise.all([statOf(path), statOf(olderPart(path, 1))]);
  if (now.size < position.size) {
    const moved = older.ino === position.olderId ? position.offset : older.size;
    yield* readRange(olderPart(path, 1), position.offset, moved, signal);
    position.offset = Math.max(0, position.offset - moved);
    position.olderId = older.ino;
  }
  yield* readRange(path, position.offset, now.size, signal);
  position.offset = Math.max(position.offset, now.size);
  position.size = now.size;
}

async function statOf(path: string): Promise<{ readonly size: number; readonly ino: number }> {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return { size: 0, ino: 0 };
    throw error;
  }
}

async function* readRange(path: string, from: number, to: number, signal: AbortSignal): AsyncGenerator<Buffer> {
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
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

interface Part {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** From the oldest to the youngest, as many parts as the wanted lines need. */
async function chooseParts(path: string, size: number, tailLines: number | undefined): Promise<readonly Part[]> {
  const parts: Part[] = [];
  let wanted = tailLines ?? Infinity;
  for (let age = 0; age <= MAX_OLDER_PARTS && wanted > 0; age++) {
    const name = age === 0 ? path : olderPart(path, age);
    const to = age === 0 ? size : (await statOf(name)).size;
    if (age > 0 && to === 0) break;
    const { from, lines } = await findTail(name, to, wanted);
    parts.unshift({ path: name, from, to });
    wanted -= lines;
  }
  return parts;
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

interface Changes extends Disposable {
  /** Resolves at the next change, beat or abort; at once when one was missed since the last call. */
  next(): Promise<void>;
}

function watchChanges(path: string, { signal, clock }: LogReading): Changes {
  let missed = false;
  let wake: (() => void) | null = null;
  const notice = (): void => {
    missed = wake === null;
    wake?.();
    wake = null;
  };
  const watcher = tryWatch(dirname(path), notice);
  signal.addEventListener('abort', notice, { once: true });
  return {
    async next() {
      if (missed || signal.aborted) return void (missed = false);
      await new Promise<void>((resolve) => {
        const beat = clock.after(LOOK_BEAT_MS, notice);
        wake = () => (beat[Symbol.dispose](), resolve());
      });
    },
    [Symbol.dispose]: () => {
      watcher?.close();
      signal.removeEventListener('abort', notice);
    },
  };
}

/** Null when there is no such folder yet; the beat serves then. */
function tryWatch(folder: string, notice: () => void): FSWatcher | null {
  try {
    return watch(folder, notice).on('error', notice);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** What any of the sources has next, until all have ended. */
async function* merge(sources: readonly AsyncGenerator<string>[]): AsyncGenerator<string> {
  const pending = new Map(sources.map((source) => [source, nextOf(source)]));
  while (pending.size > 0) {
    const { source, result } = await Promise.race(pending.values());
    if (result.done) {
      pending.delete(source);
    } else {
      pending.set(source, nextOf(source));
      yield result.value;
    }
  }
}

async function nextOf(source: AsyncGenerator<string>) {
  return { source, result: await source.next() };
}
