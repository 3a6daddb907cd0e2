/** Sends an async sequence of text as a plain-text body, as fast as the reader takes it, and stops when he leaves. */

import type { FastifyReply } from 'fastify';

const PLAIN = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } as const;

/** `chunks` receives a signal that aborts when the client is gone. */
export async function sendText(
  reply: FastifyReply,
  chunks: (signal: AbortSignal) => AsyncIterable<string>,
  headers: Readonly<Record<string, string>> = PLAIN,
): Promise<void> {
  const gone = new AbortController();
  const response = reply.raw;
  reply.hijack();
  response.once('close', () => gone.abort());
  response.writeHead(200, headers);
  response.flushHeaders();
  try {
    for await (const chunk of chunks(gone.signal)) {
      if (gone.signal.aborted) return;
      if (!response.write(chunk)) await drained(response, gone.signal);
    }
  } catch (error) {
    if (!gone.signal.aborted) response.destroy(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  response.end();
}

function drained(response: FastifyReply['raw'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
