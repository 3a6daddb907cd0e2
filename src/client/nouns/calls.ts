/**
 * What all parts of the client do with a route: ask for a value, or read a stream. A read that meets a controller that
 * was just killed is asked once more. Knows no route.
 */

import { AppError } from '../../contract/errors.ts';
import { readBytes, readChunks, readJson } from '../transport/response.ts';
import type { Endpoint } from '../transport/endpoint.ts';
import type { Exchange, Transport } from '../transport/transport.ts';

export interface Calls {
  call<T>(method: Exchange['method'], path: string, body?: unknown): Promise<T>;
  /** The same for what is more than a body. */
  send<T>(exchange: Exchange): Promise<T>;
  /** The text as it comes. Stop reading to close the connection, as with `bytes`. */
  stream(path: string, signal?: AbortSignal): AsyncGenerator<string>;
  bytes(path: string, headers?: Exchange['headers']): AsyncGenerator<Uint8Array>;
}

export interface CallPorts {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  /** Waits before a read is asked again; absent: it is asked again at once. */
  readonly wait?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** What a controller that was killed needs until another has taken its place. */
const RESTART_MS = 1_000;

export function createCalls({ transport, endpoint, wait }: CallPorts): Calls {
  const asking = async <T>(exchange: Exchange, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (exchange.method !== 'GET' || !isRestarting(error, endpoint)) throw error;
      await wait?.(RESTART_MS, exchange.signal);
      return ask();
    }
  };
  const send = <T>(exchange: Exchange): Promise<T> =>
    asking(exchange, async () => readJson<T>(await transport(exchange)));
  const open = (exchange: Exchange): ReturnType<Transport> => asking(exchange, () => transport(exchange));
  return {
    send,
    call: (method, path, body) => send({ method, path, body }),
    async *stream(path, signal) {
      const reply = await open({ method: 'GET', path, signal });
      try {
        yield* readChunks(reply);
      } finally {
        reply.close();
      }
    },
    async *bytes(path, headers = {}) {
      const reply = await open({ method: 'GET', path, headers });
      try {
        yield* readBytes(reply);
      } finally {
        reply.close();
      }
    },
  };
}

/**
 * True when a controller was there a moment ago: the connection broke, or its socket has nobody behind it. One that was
 * stopped has taken its socket with it.
 */
function isRestarting(error: unknown, { kind }: Endpoint): boolean {
  if (!(error instanceof AppError) || error.code !== 'DAEMON_UNREACHABLE') return false;
  return error.detail?.['refused'] === false || (kind === 'socket' && error.detail?.['code'] === 'ECONNREFUSED');
}

/** The query of a path, with what is given; '' when nothing is. */
export function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) given.set(key, String(value));
  return given.size === 0 ? '' : `?${given}`;
}
