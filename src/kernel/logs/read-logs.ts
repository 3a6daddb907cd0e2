/**
 * Reads logs that somebody writes, rotates or has not begun yet: the last lines, and then what comes. Readers are many
 * and independent; none of them is felt by the engine.
 */

import { StringDecoder } from 'node:string_decoder';

import type { Clock } from '../clock.ts';
import { watchChanges } from './changes.ts';
import { createLineAssembler } from './lines.ts';
import { olderPart, partialCopy } from './older-part.ts';
import { MAX_OLDER_PARTS, NO_PART, chooseParts, readPart, readPiece, statOf } from './parts.ts';
import type { Part } from './parts.ts';

interface LogReading {
  /** Read side by side, line by line. */
  readonly paths: readonly string[];
  /** Lines from the end; absent: everything, older parts included. */
  readonly tailLines?: number | undefined;
  /** Epoch ms; from the last noted length not later than that on, so that nothing younger is missed. */
  readonly since?: number | undefined;
  /** Goes on until the signal aborts, across rotations and restarts. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Longer lines are cut. */
  readonly maxLineChars?: number;
}

const MAX_LINE_CHARS = 64 * 1024;

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
  const { signal, follow } = reading;
  const { size, older } = await lookAt(path, reading.clock);
  const parts = await chooseParts(path, size, reading);
  for (const part of parts) if (part.path !== path) yield* readPart(part, signal);
  const position: Position = { offset: parts.find((part) => part.path === path)?.from ?? size, older };
  let wanted = follow ? Infinity : size - position.offset;
  using changes = watchChanges(path, reading);
  while (!signal.aborted && wanted > 0) {
    for await (const bytes of readNews(path, position, reading)) {
      yield bytes.subarray(0, wanted);
      wanted -= bytes.length;
      if (wanted <= 0) return;
    }
    if (!follow) return;
    await changes.next();
  }
}

/** How far a reader is. */
interface Position {
  /** In the log as it was when the youngest older part had this identity. */
  offset: number;
  older: string;
}

const MOST_LOOKS = 200;
const LOOK_AGAIN_MS = 5;
/** Whoever made this copy has died over it. */
const STALE_COPY_MS = 5_000;

/** Size of the log and identity of its youngest older part, at a moment when no head is being cut off. */
async function lookAt(path: string, clock: Clock): Promise<{ readonly size: number; readonly older: string }> {
  for (let look = 0; ; look++) {
    const [now, older, copy] = await Promise.all([statOf(path), statOf(olderPart(path, 1)), statOf(partialCopy(path))]);
    const settled = copy === null || clock.now() - copy.changedAt > STALE_COPY_MS || look >= MOST_LOOKS;
    if (settled) return { size: now?.size ?? 0, older: older?.id ?? NO_PART };
    await clock.sleep(LOOK_AGAIN_MS);
  }
}

/** What was written since the last look, wherever it lies by now. Ends when there is no more. */
async function* readNews(path: string, position: Position, { signal, clock }: LogReading): AsyncGenerator<Buffer> {
  while (!signal.aborted) {
    const { size, older } = await lookAt(path, clock);
    if (older !== position.older) yield* readMoved(path, position, older, signal);
    if (size < position.offset) position.offset = 0; // somebody has emptied it
    const piece = await readPiece(path, position.offset);
    if (piece.length === 0) return;
    // Bytes that were read while a head was cut off may be any others: they are read again.
    if ((await lookAt(path, clock)).older !== position.older) continue;
    position.offset += piece.length;
    yield piece;
  }
}

/** The rest of all parts that the log has lost since the last look. */
async function* readMoved(
  path: string,
  position: Position,
  older: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const moved: Part[] = [];
  for (let age = 1; age <= MAX_OLDER_PARTS; age++) {
    const name = olderPart(path, age);
    const seen = await statOf(name);
    if (seen === null || seen.id === position.older) break;
    moved.unshift({ path: name, id: seen.id, from: 0, to: seen.size });
  }
  for (const part of moved) {
    yield* readPart({ ...part, from: position.offset }, signal);
    position.offset = Math.max(0, position.offset - part.to);
  }
  position.older = older;
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
