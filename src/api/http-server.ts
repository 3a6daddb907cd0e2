/** A server with limits on what a caller may hold open, over HTTP or TLS. Knows no route. */

import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';

import { AppError, toErrorBody } from '../contract/index.ts';
import type { Clock } from '../kernel/index.ts';
import { patientResponse } from './patient-response.ts';

export interface HttpLimits {
  /** From the first byte of a request to the last of its head. */
  readonly headerTimeoutMs: number;
  /** The same to the last of its body. */
  readonly bodyTimeoutMs: number;
}

/** Of the management API; the gateway has a setting. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_HEADER_BYTES = 32 * 1024;
const MAX_HEADERS = 100;
const JSON_TYPE = 'application/json; charset=utf-8';
/** Beyond these a connection is closed as it comes. */
const MAX_CONNECTIONS = 8_192;
/** How often those that take too long are looked for. */
const CHECK_MS = 2_000;

interface HttpServerPlan {
  readonly limits: HttpLimits;
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
  readonly clock: Clock;
  /** Takes over a connection that is to speak another protocol; false: it does not, and the connection ends. */
  readonly takeUpgrade?: TakeUpgrade;
}

type TakeUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => boolean;

export function createHttpServer(
  listener: RequestListener,
  { limits, tls, clock, takeUpgrade }: HttpServerPlan,
): Server {
  const options = {
    ServerResponse: patientResponse(clock),
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: Math.max(limits.bodyTimeoutMs, limits.headerTimeoutMs),
    connectionsCheckingInterval: CHECK_MS,
  };
  const answer = withSoundHead(listener);
  const server = tls === null ? createServer(options, answer) : createTlsServer({ ...options, ...tls }, answer);
  // Node leaves out those beyond, without a word: one more is read, so that it can be seen.
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => hangUp(socket, error.code ?? ''));
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => {}); // Node's own listener is gone by now; a client that left is told by `close`
    if (takeUpgrade?.(request, stream, head) === true) return;
    stream.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n', () => stream.destroy());
  });
  return server;
}

function withSoundHead(listener: RequestListener): RequestListener {
  return (request, response) => {
    const fault = faultOf(request);
    if (fault === null) return listener(request, response);
    response.writeHead(fault.status, { 'content-type': JSON_TYPE, connection: 'close' });
    response.end(JSON.stringify(toErrorBody(new AppError('INVALID_REQUEST', fault.message))));
  };
}

function faultOf({ rawHeaders }: IncomingMessage): { readonly status: number; readonly message: string } | null {
  if (rawHeaders.length > 2 * MAX_HEADERS) {
    return { status: 431, message: `the request has more than ${MAX_HEADERS} headers` };
  }
  // A proxy before this door may have gone by the one that Node leaves out.
  const hosts = rawHeaders.filter((word, at) => at % 2 === 0 && /^host$/i.test(word));
  return hosts.length > 1 ? { status: 400, message: 'the request has more than one Host header' } : null;
}

/** What is no request of HTTP, or does not end: one answer, then nothing. */
function hangUp(socket: Duplex, code: string): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { line, error } = refusalOf(code);
  const body = JSON.stringify(toErrorBody(error));
  const head = `HTTP/1.1 ${line}\r\ncontent-type: ${JSON_TYPE}\r\nconnection: close\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}

function refusalOf(code: string): { readonly line: string; readonly error: AppError } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { line: '408 Request Timeout', error: new AppError('TIMEOUT', 'the request did not come whole in time') };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = `the head of the request is larger than ${MAX_HEADER_BYTES} bytes`;
    return { line: '431 Request Header Fields Too Large', error: new AppError('INVALID_REQUEST', message) };
  }
  return { line: '400 Bad Request', error: new AppError('INVALID_REQUEST', 'this is no request of HTTP') };
}
