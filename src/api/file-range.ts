/** Sends a file, or the part of it that a `Range` header asks for. */

import { createReadStream } from 'node:fs';

import type { FastifyReply } from 'fastify';

import { AppError } from '../contract/index.ts';
import { parseRange } from './byte-range.ts';

interface SentFile {
  readonly path: string;
  readonly size: number;
  /** What it is called when the range lies outside of it. */
  readonly what: string;
  readonly contentType: string;
  readonly range: string | undefined;
}

/** Throws RANGE_NOT_SATISFIABLE. */
export function sendFileRange(
  reply: FastifyReply,
  { path, size, what, contentType, range: header }: SentFile,
): unknown {
  const range = parseRange(header, size);
  if (range.kind === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${size}`);
    throw new AppError('RANGE_NOT_SATISFIABLE', `${what} has ${size} bytes`, { detail: { size } });
  }
  void reply.type(contentType).header('accept-ranges', 'bytes');
  if (size === 0) return reply.send('');
  if (range.kind === 'whole')
    return reply.header('content-length', size).send(createReadStream(path, { end: size - 1 }));
  const { first, last } = range;
  void reply.status(206).header('content-range', `bytes ${first}-${last}/${size}`);
  return reply.header('content-length', last - first + 1).send(createReadStream(path, { start: first, end: last }));
}
