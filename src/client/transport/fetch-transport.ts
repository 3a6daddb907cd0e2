/** Exchanges with the controller over `fetch`, for pages in a browser. Knows no route, and nothing of Node. */

import { AppError } from '../../contract/errors.ts';
import { headersOf, jsonOf } from './transport.ts';
import type { Exchange, Reply, Transport } from './transport.ts';

export interface FetchOptions {
  /** Of the front door. */
  readonly url: URL;
  readonly key?: string | undefined;
  /** Aborts every exchange; its reason is what callers see. */
  readonly signal?: AbortSignal | undefined;
}

export function createFetchTransport({ url, key, signal }: FetchOptions): Transport {
  const base = url.href.replace(/\/$/, '');
  return async (exchange) => {
    const over = new AbortController();
    const signals = [signal, exchange.signal, over.signal].filter((each) => each !== undefined);
    const until = AbortSignal.any(signals);
    const failure = (error: unknown): unknown => (until.aborted ? until.reason : unreachable(url, error));
    try {
      const json = jsonOf(exchange);
      const headers = headersOf(exchange, key, json);
      const body = json ?? (await collected(exchange)) ?? null;
      const request = { method: exchange.method, headers, body, signal: until };
      const response = await fetch(base + exchange.path, request);
      return replyOf(response, over, failure);
    } catch (error) {
      throw failure(error);
    }
  };
}

/** Browsers send a body as it comes only over HTTP/2. */
async function collected({ stream }: Exchange): Promise<Blob | undefined> {
  if (stream === undefined) return undefined;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of stream) parts.push(Uint8Array.from(part));
  return new Blob(parts);
}

function replyOf(response: Response, over: AbortController, failure: (error: unknown) => unknown): Reply {
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    body: bodyOf(response, failure),
    close: () => over.abort(),
  };
}

async function* bodyOf({ body }: Response, failure: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw failure(error);
  } finally {
    // What has failed or ended already has nothing left to cancel.
    await reader.cancel().catch(() => {});
  }
}

/** A browser does not tell a page why it got no answer. */
function unreachable(url: URL, cause: unknown): AppError {
  return new AppError('DAEMON_UNREACHABLE', `${url.origin} does not answer, or does not let this page ask`, {
    cause,
    hint: 'check the address, that a daemon runs there, and that its setting cors_origins names the origin of the page',
    detail: { refused: false },
  });
}
