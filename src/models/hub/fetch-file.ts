/** Fetches one file of the hub: in chunks, several at a time, each tried again, and the whole verified at the end. */

import { AppError } from '../../contract/errors.ts';
import type { FetchOrder } from '../../contract/models.ts';
import { hasCode } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { chunksLeft, RETRIES, retryDelay } from './chunks.ts';
import type { Chunk } from './chunks.ts';
import { digestOfWhole, PartFile } from './part-file.ts';
import type { RangeSource } from './range-source.ts';

type OrderedFile = FetchOrder['files'][number];

interface FetchFileDeps {
  readonly source: RangeSource;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** More bytes of the file are there; fewer, when it begins again. */
  readonly onBytes: (more: number) => void;
  /** All bytes are there, and are read again. */
  readonly onVerify: () => void;
  /** Something went wrong and is tried again. */
  readonly onTrouble: (reason: string) => void;
}

const PARALLEL = 4;

/** Resolves with its SHA-256. Rejects with the AppError that says why not; what has come is kept for the next time. */
export async function fetchFile(file: OrderedFile, target: string, deps: FetchFileDeps): Promise<string> {
  const known = await digestOfWhole(target, file, deps);
  if (known !== null) return known;
  for (let once = 1; ; once++) {
    const part = await PartFile.open(target, file);
    try {
      await fetchChunks(file, part, deps);
    } finally {
      await part.close();
    }
    deps.onVerify();
    const { isRight, sha256 } = await part.settle(deps.signal);
    if (isRight) return sha256;
    deps.onBytes(-file.sizeBytes);
    if (once === 2) throw corrupt(file, sha256);
    deps.onTrouble('what came has another SHA-256 than the hub says; it is fetched anew');
  }
}

function corrupt({ name, sha256 }: OrderedFile, found: string): AppError {
  return new AppError('DOWNLOAD_CORRUPT', `${name} came with SHA-256 ${found}, the hub says ${sha256 ?? ''}`, {
    hint: 'it was fetched twice; a proxy between may change it',
  });
}

/** Ends when all chunks are there, or all workers have stopped after the first failure. */
async function fetchChunks(file: OrderedFile, part: PartFile, deps: FetchFileDeps): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);
  const left = [...chunksLeft(file.sizeBytes, part.done)];

  async function work(): Promise<void> {
    for (let chunk = left.shift(); chunk !== undefined; chunk = left.shift()) {
      await fetchChunk(chunk, {
        file,
        part,
        deps: { ...deps, signal },
        onWritten: () => part.saveNowAndThen(deps.clock.monotonic()),
      });
    }
  }

  const failed = (error: unknown): void => stop.abort(error);
  await Promise.all(Array.from({ length: PARALLEL }, () => work().catch(failed)));
  await part.save().catch(failed);
  if (deps.signal.aborted) throw deps.signal.reason;
  if (stop.signal.aborted) throw diskFull(stop.signal.reason) ?? stop.signal.reason;
}

interface ChunkWork {
  readonly file: OrderedFile;
  readonly part: PartFile;
  readonly deps: FetchFileDeps;
  readonly onWritten: () => Promise<void>;
}

async function fetchChunk(chunk: Chunk, work: ChunkWork): Promise<void> {
  const { clock, random, signal, onTrouble } = work.deps;
  let rest = chunk;
  for (let failures = 0; ;) {
    const piece = await fetchPiece(rest, work);
    if (piece.from >= rest.to) return;
    failures = piece.from > rest.from ? 1 : failures + 1;
    rest = { ...rest, from: piece.from };
    onTrouble(piece.reason);
    const waitMs = retryDelay(failures, piece.askedMs, random());
    if (waitMs === null) throw gaveUp(work.file, piece.reason);
    await clock.sleep(waitMs, signal);
  }
}

interface Piece {
  /** The first byte that is missing still. */
  readonly from: number;
  readonly reason: string;
  readonly askedMs: number | null;
}

/** As far as one connection goes. Rejects with what no other try would mend. */
async function fetchPiece(chunk: Chunk, { file, part, deps, onWritten }: ChunkWork): Promise<Piece> {
  let { from } = chunk;
  try {
    const answer = await deps.source.open(file.url, chunk, deps.signal);
    if (answer.kind === 'later') return { from, ...answer };
    for await (const bytes of answer.bytes) {
      const wanted = bytes.subarray(0, chunk.to - from);
      await part.write(chunk.index, wanted);
      from += wanted.length;
      deps.onBytes(wanted.length);
      await onWritten();
    }
    return { from, reason: 'the connection was cut', askedMs: null };
  } catch (error) {
    deps.signal.throwIfAborted();
    if (error instanceof AppError || diskFull(error) !== null) throw error;
    return { from, reason: reasonOf(error), askedMs: null };
  }
}

function reasonOf(error: unknown): string {
  if (hasCode(error, 'UND_ERR_BODY_TIMEOUT') || hasCode(error, 'UND_ERR_HEADERS_TIMEOUT')) return 'no byte came';
  return error instanceof Error && error.message !== '' ? error.message : 'the connection was cut';
}

export function diskFull(error: unknown): AppError | null {
  if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) return null;
  return new AppError('DISK_FULL', 'the disk is full', {
    cause: error,
    hint: 'make room, then run it again: it goes on',
  });
}

function gaveUp({ name, url }: OrderedFile, reason: string): AppError {
  return new AppError('DOWNLOAD_FAILED', `${name} stopped: ${reason}`, {
    hint: `tried ${RETRIES.most + 1} times at ${new URL(url).host}; pull again, and it goes on where it stopped`,
  });
}
