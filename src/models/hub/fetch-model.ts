/** Fetches all files of a model into a folder: room on the disk first, then file after file, with word of how far it is. */

import { mkdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import { AppError } from '../../contract/errors.ts';
import type { FetchedFiles, FetchOrder, FetchProgress } from '../../contract/models.ts';
import { every } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { fetchFile } from './fetch-file.ts';
import { createFetchMeter } from './fetch-meter.ts';
import { doneOf } from './part-file.ts';
import { createRangeSource } from './range-source.ts';

export interface FetchModelDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FetchProgress) => void;
  /** Of the disk that the folder is on. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  readonly stallMs?: number;
  readonly isOffline: () => boolean;
}

const STALL_MS = 60_000;
const REPORT_EVERY_MS = 500;
/** So much stays free for others. */
const RESERVE_BYTES = 64 * 1024 * 1024;

/** Resolves when all of them lie in the folder, verified. Rejects with the AppError that says why not. */
export async function fetchModel(order: FetchOrder, folder: string, deps: FetchModelDeps): Promise<FetchedFiles> {
  const { clock, random, token, isOffline, stallMs = STALL_MS } = deps;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const there = await bytesThere(order, folder);
  const meter = createFetchMeter(order, there, clock);
  await assertRoom(order.model, { missing: meter.missing(), folder, freeBytes: deps.freeBytes ?? freeBytesOf });
  const ended = new AbortController();
  const source = await createRangeSource({ token, stallMs, clock, isOffline });
  const reports = every(
    clock,
    REPORT_EVERY_MS,
    ended.signal,
    () => deps.onProgress(meter.read()),
    () => {},
  );
  try {
    const fetched: FetchedFiles[number][] = [];
    for (const file of order.files) {
      const path = join(folder, file.name);
      const sha256 = await fetchFile(file, path, { source, clock, random, signal: deps.signal, ...meter.listeners });
      fetched.push({ path, sizeBytes: file.sizeBytes, sha256 });
    }
    return fetched;
  } finally {
    ended.abort();
    await Promise.all([reports, source.close()]);
  }
}

/** What earlier tries have brought. */
async function bytesThere({ files }: FetchOrder, folder: string): Promise<number> {
  const each = await Promise.all(
    files.map(async (file) => {
      const target = join(folder, file.name);
      const whole = await stat(target).catch(() => null);
      if (whole?.size === file.sizeBytes) return file.sizeBytes;
      return (await doneOf(target, file)).reduce((sum, bytes) => sum + bytes, 0);
    }),
  );
  return each.reduce((sum, bytes) => sum + bytes, 0);
}

export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

interface Room {
  readonly missing: number;
  readonly folder: string;
  readonly freeBytes: (folder: string) => Promise<number>;
}

/** Rejects with DISK_FULL where the folder's disk has no room for so many bytes and some for others. */
export async function assertRoom(model: string, { missing, folder, freeBytes }: Room): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= missing + RESERVE_BYTES) return;
  throw new AppError('DISK_FULL', `${model} needs ${missing} bytes more, and ${folder} has ${free} free`, {
    hint: 'run "drover models du" and "drover models prune"',
    detail: { missing, free, folder },
  });
}
