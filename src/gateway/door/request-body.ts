/** Reads a request's body into memory, up to a limit. */

import type { IncomingMessage } from 'node:http';

type ReadBody =
  | { readonly kind: 'read'; readonly body: Buffer }
  | { readonly kind: 'too-large' }
  /** The client left before it had sent everything. */
  | { readonly kind: 'gone' };

/** Never rejects. After `too-large` nothing more is kept. */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<ReadBody> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return Promise.resolve({ kind: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= limitBytes) return;
      request.off('data', take).pause();
      resolve({ kind: 'too-large' });
    };
    request.on('data', take);
    request.once('end', () =>
      resolve({ kind: 'read', body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) }),
    );
    request.once('close', () => resolve({ kind: 'gone' }));
  });
}
