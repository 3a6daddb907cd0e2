/**
 * The end of an answer that was given before its request had come whole: the rest is taken and dropped first, for a
 * proxy that still writes would meet a closed connection and never read the answer.
 */

import type { ServerResponse } from 'node:http';

import type { Clock } from '../../kernel/index.ts';

/** More of the rest, or a slower sender, is cut off. */
const LINGER_BYTES = 64 * 1024 * 1024;
const LINGER_MS = 5_000;

export function endAfterRequest(response: ServerResponse, clock: Clock): void {
  const { req: request } = response;
  let left = LINGER_BYTES;
  const drop = (piece: Buffer): void => {
    left -= piece.length;
    if (left < 0) end();
  };
  const end = (): void => {
    limit[Symbol.dispose]();
    request.off('data', drop);
    response.end();
  };
  const limit = clock.after(LINGER_MS, end);
  if (request.complete || request.destroyed) return end();
  request.on('data', drop);
  request.once('end', end);
  request.once('close', end);
  request.resume();
}
