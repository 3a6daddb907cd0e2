/** What all parts of the client do with a route: ask for a value, or read a stream. Knows no route. */

import { readBytes, readChunks, readJson } from './response.ts';
import type { Endpoint } from './endpoint.ts';
import type { Exchange, Transport } from './transport.ts';

export interface Calls {
  call<T>(method: Exchange['method'], path: string, body?: unknown): Promise<T>;
  /** The same for what is more than a body. */
  send<T>(exchange: Exchange): Promise<T>;
  /** The text as it comes. Stop reading to close the connection, as with `bytes`. */
  stream(path: string, signal?: AbortSignal): AsyncGenerator<string>;
  bytes(path: string): AsyncGenerator<Buffer>;
}

export function createCalls(transport: Transport, endpoint: Endpoint): Calls {
  const send = async <T>(exchange: Exchange): Promise<T> => readJson<T>(await transport(exchange), endpoint);
  return {
    send,
    call: (method, path, body) => send({ method, path, body }),
    async *stream(path, signal) {
      const response = await transport({ method: 'GET', path, signal });
      try {
        yield* readChunks(response, endpoint);
      } finally {
        response.destroy();
      }
    },
    async *bytes(path) {
      const response = await transport({ method: 'GET', path });
      try {
        yield* readBytes(response, endpoint);
      } finally {
        response.destroy();
      }
    },
  };
}

/** The query of a path, with what is given; '' when nothing is. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) given.set(key, String(value));
  return given.size === 0 ? '' : `?${given}`;
}
