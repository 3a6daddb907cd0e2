/** Content hashes of files and folders; a file that looks as it did is not read again. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { hasCode } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';

/** What `stat` says that changes with the content. */
interface Look {
  readonly size: number;
  readonly modifiedNs: string;
  readonly changedNs: string;
  readonly inode: string;
}

export interface Seen {
  readonly hash: string;
  /** Null for a folder. */
  readonly look: Look | null;
}

export interface FileHashes {
  /** Null when there is nothing at the path. */
  hash(path: string): Promise<Seen | null>;
  /** The same; `known` says what an earlier look has seen there. */
  confirm(path: string, known: Seen): Promise<Seen | null>;
}

const MOST_KEPT = 100_000;
/** File systems stamp by a coarse clock: what is younger may change again without a new stamp. */
const SETTLED_MS = 20;

export function createFileHashes(clock: Clock): FileHashes {
  const kept = new Map<string, Seen>();

  async function hash(path: string, known: Seen | undefined, met = new Set<string>()): Promise<Seen | null> {
    const found = await lookAt(path);
    if (found === null) return null;
    if (found === 'folder') return { hash: await hashFolder(path, met), look: null };
    if (known?.look && isSame(known.look, found)) return known;
    const seen = { hash: await hashFile(path, found.size), look: found };
    if (kept.size >= MOST_KEPT) kept.clear();
    if (isSettled(found, clock.now())) kept.set(path, seen);
    return seen;
  }

  /** Over the names and hashes of all that is in it; a folder that links lead to again has told its content before. */
  async function hashFolder(folder: string, met: Set<string>): Promise<string> {
    const real = await realpath(folder);
    if (met.has(real)) return '';
    met.add(real);
    const lines: string[] = [];
    for (const name of (await readdir(folder)).toSorted()) {
      const path = join(folder, name);
      lines.push(`${name}\0${(await hash(path, kept.get(path), met))?.hash}\n`);
    }
    return createHash('sha256').update(lines.join('')).digest('hex');
  }

  return { hash: (path) => hash(path, kept.get(path)), confirm: (path, known) => hash(path, known) };
}

async function lookAt(path: string): Promise<Look | 'folder' | null> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) return 'folder';
    const { size, mtimeNs, ctimeNs, ino } = found;
    return { size: Number(size), modifiedNs: String(mtimeNs), changedNs: String(ctimeNs), inode: String(ino) };
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

function isSame(a: Look, b: Look): boolean {
  return a.size === b.size && a.modifiedNs === b.modifiedNs && a.changedNs === b.changedNs && a.inode === b.inode;
}

function isSettled({ changedNs }: Look, now: number): boolean {
  return Number(BigInt(changedNs) / 1_000_000n) < now - SETTLED_MS;
}

/** Above this a file is read piece by piece. */
const WHOLE_BYTES = 1024 * 1024;

async function hashFile(path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  if (size <= WHOLE_BYTES) return hash.update(await readFile(path)).digest('hex');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
