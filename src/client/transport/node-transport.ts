/**
 * Exchanges with the controller over plain `node:http`, by socket, TCP or ssh; what goes wrong on the way becomes
 * catalogued errors. Knows no route.
 */

import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { pipeline } from 'node:stream';

import { AppError } from '../../contract/errors.ts';
import { showEndpoint } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { headersOf, jsonOf } from './transport.ts';
import type { Exchange, Reply, Transport } from './transport.ts';

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

async function send(wire: Wire, options: TransportOptions, exchange: Exchange): Promise<Reply> {
  const signals = [options.signal, exchange.signal].filter((each) => each !== undefined);
  const aborted = signals.find((each) => each.aborted);
  if (aborted) throw aborted.reason;
  /** What an exchange that failed so rejects with. */
  const failure = (error: Error): Error => {
    const by = signals.find((each) => each.aborted);
    return by ? (by.reason as Error) : connectionError(options.endpoint, error);
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const body = jsonOf(exchange);
    const request = wire.request(requestOptions(wire, options, exchange, body));
    closeOnAbort(request, signals);
    request.on('response', resolve);
    request.on('error', (error) => reject(failure(error)));
    if (exchange.stream === undefined) request.end(body);
    // Its failure is the request's, and is heard above.
    else pipeline(exchange.stream, request, () => {});
  });
  return replyOf(response, failure);
}

function closeOnAbort(request: ClientRequest, signals: readonly AbortSignal[]): void {
  const abort = (): void => void request.destroy();
  for (const each of signals) each.addEventListener('abort', abort, { once: true });
  request.on('close', () => {
    for (const each of signals) each.removeEventListener('abort', abort);
  });
}

function replyOf(response: IncomingMessage, failure: (error: Error) => Error): Reply {
  return {
    status: response.statusCode ?? 0,
    header(name) {
      const value = response.headers[name];
      return typeof value === 'string' ? value : null;
    },
    body: bodyOf(response, failure),
    close: () => void response.destroy(),
  };
}

async function* bodyOf(response: IncomingMessage, failure: (error: Error) => Error): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throw error instanceof Error && 'code' in error ? failure(error) : error;
  }
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
      ...headersOf(exchange, key, body),
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    },
  };
}

/** Codes that say that nothing of the request can have arrived. */
const REFUSED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ENOTDIR',
  'ENOTSOCK',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** A connection that failed or broke, as DAEMON_UNREACHABLE; `detail.refused` is true when nothing was sent. */
function connectionError(endpoint: Endpoint, cause: Error): AppError {
  if (cause instanceof AppError) return cause;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown';
  if (code === 'EACCES') {
    const hint = 'check who owns the home, or point DROVER_HOME at one of yours';
    return new AppError('PERMISSION_DENIED', `no permission to use ${showEndpoint(endpoint)}`, { cause, hint });
  }
  const refused = REFUSED.has(code);
  const message = refused
    ? `${endpoint.kind === 'socket' ? 'no daemon' : 'nothing'} answers at ${showEndpoint(endpoint)}`
    : `the connection to ${showEndpoint(endpoint)} broke (${code})`;
  return new AppError('DAEMON_UNREACHABLE', message, {
    cause,
    hint: refused ? refusedHint(endpoint) : 'run the command again',
    detail: { refused, code },
  });
}

function refusedHint(endpoint: Endpoint): string {
  return endpoint.kind === 'socket'
    ? 'run "drover daemon start"'
    : 'check the address, and that a daemon or an engine runs there';
}
