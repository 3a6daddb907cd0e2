/** Writes bytes that come over a connection into a file that is still coming. Keeps what came before it broke off. */

import { AppError } from '../../contract/index.ts';
import type { ModelPiece, TakenView } from '../../contract/index.ts';
import { hasCode } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { CHUNK_BYTES, diskFull, PartFile } from '../../models/hub/index.ts';

/** Bytes that do not follow those that are there are not taken: somebody else was faster. */
export async function receivePiece(
  target: string,
  piece: Omit<ModelPiece, 'to'>,
  bytes: AsyncIterable<Buffer>,
  clock: Clock,
): Promise<TakenView> {
  const part = await PartFile.open(target, { sizeBytes: piece.size_bytes, sha256: piece.sha256 });
  try {
    return { taken_bytes: await writeFrom(part, piece, bytes, clock) };
  } catch (error) {
    throw whyNot(error);
  } finally {
    await part.save();
    await part.close();
  }
}

async function writeFrom(
  part: PartFile,
  { from, size_bytes: sizeBytes }: Omit<ModelPiece, 'to'>,
  bytes: AsyncIterable<Buffer>,
  clock: Clock,
): Promise<number> {
  let at = from;
  for await (const told of bytes) {
    for (const slice of slicesOf(told.subarray(0, Math.max(0, sizeBytes - at)), at)) {
      if (!isNext(part, at)) return at - from;
      await part.write(chunkOf(at), slice);
      at += slice.length;
    }
    await part.saveNowAndThen(clock.monotonic());
  }
  return at - from;
}

function whyNot(error: unknown): unknown {
  const isCut = hasCode(error, 'ECONNRESET') || hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE');
  return diskFull(error) ?? (isCut ? new AppError('ABORTED', 'the sender has gone', { cause: error }) : error);
}

function chunkOf(at: number): number {
  return Math.floor(at / CHUNK_BYTES);
}

function isNext({ done }: PartFile, at: number): boolean {
  return (done[chunkOf(at)] ?? 0) === at % CHUNK_BYTES;
}

/** As the chunks of the file have it. */
function* slicesOf(bytes: Buffer, at: number): Generator<Buffer> {
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + CHUNK_BYTES - ((at + from) % CHUNK_BYTES));
    yield bytes.subarray(from, to);
    from = to;
  }
}
