/**
 * A file that is still coming: its bytes beside its place as `NAME.part`, and `NAME.part.json` that says which of them
 * are there, so that a process killed at any instant goes on where it stopped. What a lost page makes of it, the
 * checksum at the end finds.
 */

import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import { z } from 'zod';

import { digestFile } from '../digest.ts';
import { CHUNK_BYTES, isPlausible } from './chunks.ts';

const recordSchema = z.object({
  sizeBytes: z.number(),
  sha256: z.string().nullable(),
  chunkBytes: z.literal(CHUNK_BYTES),
  done: z.array(z.number().int()),
});

interface Content {
  readonly sizeBytes: number;
  /** Null: whatever comes is right. */
  readonly sha256: string | null;
}

const SAVE_EVERY_MS = 1_000;

export class PartFile {
  readonly path: string;
  readonly #target: string;
  readonly #content: Content;
  readonly #handle: FileHandle;
  readonly #done: number[];
  #saving: Promise<void> = Promise.resolve();
  #savedAt = 0;

  private constructor(target: string, content: Content, handle: FileHandle, done: number[]) {
    this.path = partPath(target);
    this.#target = target;
    this.#content = content;
    this.#handle = handle;
    this.#done = done;
  }

  /** What an earlier process has left of the same content counts. */
  static async open(target: string, content: Content): Promise<PartFile> {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const done = await doneOf(target, content);
    const handle = await open(partPath(target), done.length === 0 ? 'w' : 'r+', 0o600);
    return new PartFile(target, content, handle, done);
  }

  /** Bytes of each chunk that are there. */
  get done(): readonly number[] {
    return this.#done;
  }

  /** The bytes that follow those that the chunk has. */
  async write(chunk: number, bytes: Buffer): Promise<void> {
    const before = this.#done[chunk] ?? 0;
    let written = 0;
    while (written < bytes.length) {
      const at = chunk * CHUNK_BYTES + before + written;
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, at);
      written += bytesWritten;
    }
    this.#done[chunk] = before + bytes.length;
  }

  /** Puts down what is there. One after the other: they share a name. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#writeRecord());
    return this.#saving;
  }

  /** The same, when a second has gone since the last time. `now` is monotonic. */
  async saveNowAndThen(now: number): Promise<void> {
    if (now - this.#savedAt < SAVE_EVERY_MS) return;
    this.#savedAt = now;
    await this.save();
  }

  async #writeRecord(): Promise<void> {
    const record = recordPath(this.#target);
    const done = Array.from(this.#done, (bytes) => bytes ?? 0);
    await writeFile(`${record}.tmp`, JSON.stringify({ ...this.#content, chunkBytes: CHUNK_BYTES, done }), {
      mode: 0o600,
    });
    await rename(`${record}.tmp`, record);
  }

  async close(): Promise<void> {
    await this.#saving.catch(() => {}); // whoever asked for it was told
    await this.#handle.close();
  }

  /** Closed and whole: it gets its name when it is what it shall be, and goes when it is not. */
  async settle(signal?: AbortSignal): Promise<{ readonly isRight: boolean; readonly sha256: string }> {
    const sha256 = await digestFile(this.path, signal);
    const isRight = matches(this.#content, sha256);
    await (isRight ? this.#finish() : this.#discard());
    return { isRight, sha256 };
  }

  async #finish(): Promise<void> {
    const handle = await open(this.path, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(this.path, this.#target);
    await rm(recordPath(this.#target), { force: true });
  }

  async #discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(recordPath(this.#target), { force: true });
  }
}

function matches({ sha256 }: Content, found: string): boolean {
  return sha256 === null || found === sha256;
}

interface Reading {
  readonly signal?: AbortSignal;
  /** It is large enough to be looked at. */
  readonly onVerify?: () => void;
}

/** The SHA-256 of the file that lies there already; null when it is not this one. */
export async function digestOfWhole(
  target: string,
  content: Content,
  { signal, onVerify }: Reading = {},
): Promise<string | null> {
  const there = await stat(target).catch(() => null);
  if (there?.size !== content.sizeBytes) return null;
  onVerify?.();
  const digest = await digestFile(target, signal);
  return matches(content, digest) ? digest : null;
}

function partPath(target: string): string {
  return `${target}.part`;
}

function recordPath(target: string): string {
  return `${target}.part.json`;
}

/** Bytes that an earlier process has left of this content, chunk by chunk; none when it left nothing usable. */
export async function doneOf(target: string, { sizeBytes, sha256 }: Content): Promise<number[]> {
  const text = await readFile(recordPath(target), 'utf8').catch(() => null);
  const bytes = await open(partPath(target)).catch(() => null);
  await bytes?.close();
  if (text === null || bytes === null) return [];
  const record = recordSchema.safeParse(parseJson(text)).data;
  const isSame = record?.sizeBytes === sizeBytes && record.sha256 === sha256 && isPlausible(sizeBytes, record.done);
  return isSame ? record.done : [];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
