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
    this.#latest = bytes;
    return this.#plan.response.write(bytes);
  }

  onDrained(resume: () => void): void {
    this.#watch();
    this.#plan.response.once('drain', () => {
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

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
