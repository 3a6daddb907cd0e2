/** Reads a stream on after a cut of its connection, as often as that helps. Knows no route. */

import { AppError } from '../../contract/errors.ts';

export interface CutPorts {
  /** Waits between tries to connect again; absent: a cut ends the stream with its error. */
  readonly wait?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether what was read was the last. */
  readonly isOver: () => boolean;
}

/** Tries without an answer after which the stream gives up: about a minute. */
const MAX_TRIES = 60;

/** `read` connects behind what was read before. */
export async function* acrossCuts<T>(
  read: () => AsyncIterable<T>,
  { wait, signal, isOver }: CutPorts,
): AsyncGenerator<T> {
  for (let failures = 1; ; failures++) {
    try {
      for await (const item of read()) {
        failures = 0;
        yield item;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isCut(error) || !wait || failures > MAX_TRIES) throw error;
    }
    if (isOver() || signal?.aborted || !wait) return;
    await wait(Math.min(1_000, 50 * 2 ** failures), signal);
  }
}

function isCut(error: unknown): boolean {
  return error instanceof AppError && error.code === 'DAEMON_UNREACHABLE';
}
