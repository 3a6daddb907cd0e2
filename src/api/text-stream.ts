/** Sends an async sequence of text as a body, as fast as the reader takes it, and stops when he leaves. */

import type { ServerResponse } from 'node:http';

import type { FastifyReply } from 'fastify';

import { DEFAULT_LIMITS, ReaderPace } from '../gateway/index.ts';
import type { Clock } from '../kernel/index.ts';

const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } as const;

export interface TextStreamOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** A reader who has stopped is cut, as at the front door. Without it he may pause as long as he likes, as a pager does. */
  readonly cutStopped?: { readonly clock: Clock; readonly stalledReaderMs?: number };
}

/** `chunks` receives a signal that aborts when the client is gone. */
export async function sendText(
  reply: FastifyReply,
  chunks: (signal: AbortSignal) => AsyncIterable<string>,
  { headers = PLAIN, cutStopped }: TextStreamOptions = {},
): Promise<void> {
  const gone = new AbortController();
  const response = reply.raw;
  const reader = cutStopped === undefined ? patient(response) : impatient(response, cutStopped);
  reply.hijack();
  response.once('close', () => gone.abort());
  response.writeHead(200, headers);
  response.flushHeaders();
  try {
    for await (const chunk of chunks(gone.signal)) {
      if (gone.signal.aborted) return;
      if (!reader.write(Buffer.from(chunk))) await drained(response, reader);
    }
  } catch (error) {
    if (!gone.signal.aborted) response.destroy(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  reader.end();
}

type Reader = Pick<ReaderPace, 'write' | 'onDrained' | 'end'>;

function patient(response: ServerResponse): Reader {
  return {
    write: (bytes) => response.write(bytes),
    onDrained: (resume) => void response.once('drain', resume),
    end: () => void response.end(),
  };
}

function impatient(response: ServerResponse, cut: NonNullable<TextStreamOptions['cutStopped']>): Reader {
  const { clock, stalledReaderMs = DEFAULT_LIMITS.stalledReaderMs } = cut;
  return new ReaderPace({ response, clock, stalledReaderMs, onStalled: () => {} });
}

/** Also when he has gone. */
function drained(response: ServerResponse, reader: Reader): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    reader.onDrained(() => {
      response.off('close', resolve);
      resolve();
    });
  });
}
