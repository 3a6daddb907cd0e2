/**
 * Writes what a tar holds below a folder, and nothing anywhere else: names that lead out of it, links, and more than
 * was agreed are refused, with an error of the contract. What was written until then stays for the caller to remove.
 */

import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { AppError } from '../../contract/errors.ts';
import { hasCode } from '../files.ts';
import { BLOCK, paddingOf, paxPath, readHeader } from './header.ts';
import type { TarEntry } from './header.ts';

export interface UnpackLimits {
  /** Of all files together. */
  readonly maxBytes: number;
  readonly maxEntries: number;
}

interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

/** Records before an entry are names: nobody has longer ones. */
const MAX_PAX = 64 * 1024;

export async function unpackInto(
  folder: string,
  tar: AsyncIterable<Uint8Array | string>,
  limits: UnpackLimits,
): Promise<Unpacked> {
  await using source = new Pieces(tar);
  let files = 0;
  let entries = 0;
  let bytes = 0;
  let path: string | undefined;
  for (;;) {
    const header = readHeader(await source.exactly(BLOCK), path);
    path = undefined;
    if (header.kind === 'end') return { files, bytes };
    if (header.kind === 'refused') throw refused(header.path, header.why);
    if (header.kind === 'pax') {
      if (header.size > MAX_PAX) throw refused('a header', 'it is too long');
      path = paxPath((await source.exactly(header.size)).toString('utf8'));
      await source.exactly(paddingOf(header.size));
      continue;
    }
    entries += 1;
    bytes += header.entry.size;
    if (bytes > limits.maxBytes || entries > limits.maxEntries) throw tooLarge(limits);
    files += header.entry.kind === 'file' ? 1 : 0;
    await writeEntry(folder, header.entry, source);
  }
}

async function writeEntry(folder: string, entry: TarEntry, source: Pieces): Promise<void> {
  assertInside(entry.path);
  const target = join(folder, entry.path);
  if (entry.kind === 'folder') return void (await mkdir(target, { recursive: true }));
  await mkdir(dirname(target), { recursive: true });
  // Never over what is there: so no name can stand for another.
  const file = await open(target, 'wx', entry.executable ? 0o755 : 0o644).catch((error: unknown) => {
    throw hasCode(error, 'EEXIST') ? refused(entry.path, 'it is there already') : error;
  });
  try {
    await copy(source, file, entry.size);
  } finally {
    await file.close();
  }
  await source.exactly(paddingOf(entry.size));
}

async function copy(source: Pieces, file: FileHandle, size: number): Promise<void> {
  for (let left = size; left > 0;) {
    const piece = await source.atMost(left);
    await file.writeFile(piece);
    left -= piece.length;
  }
}

function assertInside(path: string): void {
  const parts = path.split('/');
  const wrong = path === '' || path.startsWith('/') || path.includes('\\') || path.includes('\0');
  if (wrong || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw refused(path, 'its name leads out of the folder');
  }
}

function refused(path: string, why: string): AppError {
  return new AppError('INVALID_REQUEST', `${JSON.stringify(path)} in the archive: ${why}`, { detail: { path } });
}

function tooLarge({ maxBytes, maxEntries }: UnpackLimits): AppError {
  const most = `${Math.floor(maxBytes / (1024 * 1024))} MB and ${maxEntries} files`;
  return new AppError('BODY_TOO_LARGE', `the archive holds more than ${most}`, {
    hint: 'leave out of the folder what is not needed to run',
  });
}

/** A stream of bytes, taken in the lengths that somebody asks for. */
class Pieces implements AsyncDisposable {
  readonly #source: AsyncIterator<Uint8Array | string>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array | string>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Some bytes, one at least. */
  async atMost(length: number): Promise<Buffer> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) throw refused('its end', 'it is cut off');
      this.#held = Buffer.from(next.value);
    }
    const piece = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(piece.length);
    return piece;
  }

  async exactly(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let left = length; left > 0;) {
      const piece = await this.atMost(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.return?.();
  }
}
