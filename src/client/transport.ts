/**
 * One HTTP exchange with the controller over plain `node:http`, by socket, TCP or ssh: sends, hands back the response with its body still
 * unread, and turns what went wrong on the way into catalogued errors. Knows no route.
 */

import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { pipeline } from 'node:stream';

import { AppError } from '../contract/errors.ts';
import { showEndpoint } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';

export interface TransportOptions {
  readonly endpoint: Endpoint;
  readonly key?: string | undefined;
  /** Aborts every exchange; its reason is what callers see. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when nothing listens, before anything was sent; when it resolves, the exchange is tried once more. This is
   * where a command starts the daemon.
   */
  readonly recover?: ((unreachable: AppError) => Promise<void>) | undefined;
}

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** In place of a body: sent as it comes. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export type Transport = (exchange: Exchange) => Promise<IncomingMessage>;

export function createTransport(options: TransportOptions): Transport {
  let opening: Promise<Wire> | null = null;
  const wire = (): Promise<Wire> => (opening ??= openWire(options.endpoint));
  return async (exchange) => {
    try {
      return await send(await wire(), options, exchange);
    } catch (error) {
      if (!(error instanceof AppError) || error.detail?.['refused'] !== true || !options.recover) throw error;
      await options.recover(error);
      return send(await wire(), options, exchange);
    }
  };
}

async function send(wire: Wire, options: TransportOptions, exchange: Exchange): Promise<IncomingMessage> {
  const { endpoint, signal } = options;
  const signals = [signal, exchange.signal].filter((each) => each !== undefined);
  const aborted = signals.find((each) => each.aborted);
  if (aborted) throw aborted.reason;
  return new Promise((resolve, reject) => {
    const body = exchange.body === undefined ? undefined : JSON.stringify(exchange.body);
    const request = wire.request(requestOptions(wire, options, exchange, body));
    const abort = (): void => void request.destroy();
    for (const each of signals) each.addEventListener('abort', abort, { once: true });
    request.on('close', () => {
      for (const each of signals) each.removeEventListener('abort', abort);
    });
    request.on('response', resolve);
    request.on('error', (error) => {
      const by = signals.find((each) => each.aborted);
      reject(by ? (by.reason as Error) : connectionError(endpoint, error));
    });
    if (exchange.stream === undefined) request.end(body);
    // Its failure is the request's, and is heard above.
    else pipeline(exchange.stream, request, () => {});
  });
}

/** How requests get to an endpoint. */
interface Wire {
  readonly request: typeof httpRequest;
  readonly target: RequestOptions;
  /** Before every path. */
  readonly prefix: string;
}

/** TLS and ssh are loaded only by whoever speaks them: commands start faster without. */
async function openWire(endpoint: Endpoint): Promise<Wire> {
  switch (endpoint.kind) {
    case 'socket':
      // Without Node's agent, which first works out a name for TLS and costs a command several milliseconds.
      return wireTo({ createConnection: () => connect(endpoint.path), host: 'localhost' });
    case 'ssh':
      return wireTo({ agent: (await import('./ssh.ts')).createSshAgent(endpoint), host: 'localhost' });
    case 'url': {
      const { hostname, port, pathname, protocol } = endpoint.url;
      const request = protocol === 'https:' ? (await import('node:https')).request : httpRequest;
      const target = { host: hostname.replace(/^\[|\]$/g, ''), port: port || undefined };
      return { request, target, prefix: pathname.replace(/\/$/, '') };
    }
  }
}

function wireTo(target: RequestOptions): Wire {
  return { request: httpRequest, target, prefix: '' };
}

function requestOptions(wire: Wire, { key }: TransportOptions, exchange: Exchange, body?: string): RequestOptions {
  return {
    ...wire.target,
    method: exchange.method,
    path: wire.prefix + exchange.path,
    headers: {
      accept: 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...exchange.headers,
    },
  };
}

/** Codes that say that nothing of the request can have arrived. */
const REFUSED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'EHOSTUNREACH', 'ENOTFOUND']);

/** A connection that failed or broke, as DAEMON_UNREACHABLE; `detail.refused` is true when nothing was sent. */
export function connectionError(endpoint: Endpoint, cause: Error): AppError {
  if (cause instanceof AppError) return cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  if (code === 'EACCES') {
    return new AppError('PERMISSION_DENIED', `no permission to use ${showEndpoint(endpoint)}`, { cause });
  }
  const refused = REFUSED.has(code);
  const message = refused
    ? `no daemon answers at ${showEndpoint(endpoint)}`
    : `the connection to ${showEndpoint(endpoint)} broke (${code})`;
  return new AppError('DAEMON_UNREACHABLE', message, {
    cause,
    hint: refused ? refusedHint(endpoint) : 'run the command again',
    detail: { refused, code },
  });
}

function refusedHint(endpoint: Endpoint): string {
  return endpoint.kind === 'socket' ? 'run "drover daemon start"' : 'check the address, and that a daemon runs there';
}
