/**
 * Bytes on their way to one reader, at his pace: never more of them here than a little, and a reader who has stopped is
 * cut, in the middle of an answer and at its end alike. What the bytes say is not looked at.
 */

import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import type { Clock } from '../../kernel/index.ts';

interface ReaderPacePlan {
  readonly response: ServerResponse;
  readonly clock: Clock;
  /** A reader that takes nothing for this long has stopped. */
  readonly stalledReaderMs: number;
  /** Told before his connection is destroyed. */
  readonly onStalled: () => void;
}

/** An end larger than this goes out piece by piece. */
const PIECE_BYTES = 64 * 1024;
const LF = 0x0a;

export class ReaderPace {
  readonly #plan: ReaderPacePlan;
  #latest: Buffer | null = null;
  #stall: Disposable | null = null;

  constructor(plan: ReaderPacePlan) {
    this.#plan = plan;
    plan.response.once('close', () => this.#stall?.[Symbol.dispose]());
  }

  /** Bytes accepted and not yet taken by the reader. */
  get bufferedBytes(): number {
    return this.#plan.response.writableLength;
  }

  /** Whether the latest bytes end within a line. */
  get isWithinLine(): boolean {
    return this.#latest !== null && this.#latest.at(-1) !== LF;
  }

  /** False when the reader is behind: nothing more until `onDrained` has called back. */
  write(bytes: Buffer): boolean {
    const { response } = this.#plan;
    const { socket } = response;
    const hasBegun = this.#latest !== null;
    this.#latest = bytes;
    // the head goes with the first bytes; a pipelined answer has no socket before its turn; no bytes would be the last chunk
    if (!hasBegun || !response.chunkedEncoding || socket?.writable !== true || bytes.length === 0) {
      return response.write(bytes);
    }
    return socket.write(chunkOf(bytes));
  }

  onDrained(resume: () => void): void {
    const { response } = this.#plan;
    this.#watch();
    (response.socket ?? response).once('drain', () => {
      this.#stall?.[Symbol.dispose]();
      resume();
    });
  }

  /** The reader may take his time for what is left, as long as he takes any. */
  end(last?: Buffer | string): void {
    const { response } = this.#plan;
    const isLong = last !== undefined && last.length > PIECE_BYTES;
    if (isLong) Readable.from(piecesOf(Buffer.from(last))).pipe(response);
    else response.end(last);
    if (!isLong && response.writableLength === 0) return;
    this.#watch();
    response.on('drain', () => this.#watch());
  }

  #watch(): void {
    const { clock, stalledReaderMs, onStalled, response } = this.#plan;
    this.#stall?.[Symbol.dispose]();
    this.#stall = clock.after(stalledReaderMs, () => {
      onStalled();
      response.destroy();
    });
  }
}

/** In one write; `response.write` makes four of it, for each token. */
function chunkOf(bytes: Buffer): Buffer {
  const size = `${bytes.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(size.length + bytes.length + 2);
  chunk.write(size, 'latin1');
  bytes.copy(chunk, size.length);
  chunk.write('\r\n', size.length + bytes.length, 'latin1');
  return chunk;
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
