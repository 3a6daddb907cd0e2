/** How a file is fetched in pieces that can be resumed, and when a piece that failed is tried again. Pure. */

export const CHUNK_BYTES = 8 * 1024 * 1024;

/** Bytes `from` to `to`, the last one not included. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface Chunk extends ByteRange {
  readonly index: number;
}

/** What is left to fetch, where `done[n]` bytes of the n-th chunk are there already. */
export function chunksLeft(sizeBytes: number, done: readonly number[], chunkBytes = CHUNK_BYTES): readonly Chunk[] {
  const count = Math.ceil(sizeBytes / chunkBytes);
  return Array.from({ length: count }, (_, index) => ({
    index,
    from: index * chunkBytes + (done[index] ?? 0),
    to: Math.min(sizeBytes, (index + 1) * chunkBytes),
  })).filter(({ from, to }) => from < to);
}

/** As large as a body may be that comes over a slow line in the time that a server waits for it. */
const PIECE_BYTES = 16 * CHUNK_BYTES;

/** What is left, in as few pieces as go over a connection at once. */
export function piecesLeft(sizeBytes: number, done: readonly number[], chunkBytes = CHUNK_BYTES): readonly ByteRange[] {
  const pieces: ByteRange[] = [];
  for (const { from, to } of chunksLeft(sizeBytes, done, chunkBytes)) {
    const last = pieces.at(-1);
    const isNext = last?.to === from && to - last.from <= PIECE_BYTES;
    if (isNext) pieces[pieces.length - 1] = { from: last.from, to };
    else pieces.push({ from, to });
  }
  return pieces;
}

/** True for a record that can only be of this file: no chunk has more than it holds. */
export function isPlausible(sizeBytes: number, done: readonly number[], chunkBytes = CHUNK_BYTES): boolean {
  return (
    done.length <= Math.ceil(sizeBytes / chunkBytes) &&
    done.every((bytes, index) => bytes >= 0 && bytes <= Math.min(chunkBytes, sizeBytes - index * chunkBytes))
  );
}

export const RETRIES = { most: 6, firstMs: 500, longestMs: 30_000, longestAskedMs: 300_000 } as const;

/**
 * Milliseconds to wait before the next try, after so many failures in a row without a byte between; null: no more tries.
 * A server that says how long to wait is heeded, within reason.
 */
export function retryDelay(failures: number, askedMs: number | null, random: number): number | null {
  if (failures > RETRIES.most) return null;
  if (askedMs !== null) return Math.min(askedMs, RETRIES.longestAskedMs);
  return Math.min(RETRIES.longestMs, RETRIES.firstMs * 2 ** (failures - 1)) * (0.8 + 0.4 * random);
}

/** Of a `Retry-After` header: seconds, or a date. Null when it says nothing. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
