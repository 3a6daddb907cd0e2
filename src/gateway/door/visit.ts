/** One HTTP request at the front door with whoever makes it, and the small answers that it may get. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { AppError } from '../../contract/errors.ts';
import type { InstanceReport } from '../../contract/index.ts';
import { unknownName } from '../placing/targets.ts';
import { wireOf } from '../protocols/routes.ts';
import type { ModelDirectory } from '../types.ts';
import type { Caller } from './caller.ts';
import type { Holder } from './holders.ts';
import { refusalError } from './refusals.ts';
import { readBody } from './request-body.ts';

export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Null for a caller without a key. */
  readonly holder: Holder | null;
  readonly caller: Caller;
}

export function sendJson(response: ServerResponse, value: object): void {
  sendBytes(response, 200, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));
}

export function sendBytes(response: ServerResponse, status: number, contentType: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': String(body.length) });
  response.end(body);
}

/** In the shape of the protocol that the request speaks. */
export function sendError(response: ServerResponse, error: AppError): void {
  const { status, headers, body } = wireOf(response.req.url ?? '/').renderError(error);
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}

/** The body of the request, or null: its client has gone. Rejects with BODY_TOO_LARGE. */
export async function bodyOf({ request, response }: Visit, limitBytes: number): Promise<Buffer | null> {
  const read = await readBody(request, limitBytes);
  if (read.kind === 'read') return read.body;
  if (read.kind === 'gone') return null;
  // the rest is still on its way: the connection cannot be used again
  response.setHeader('connection', 'close');
  throw bodyTooLarge(limitBytes);
}

export function bodyTooLarge(limitBytes: number): AppError {
  return new AppError('BODY_TOO_LARGE', `the body is larger than ${limitBytes} bytes`, {
    detail: { limit_bytes: limitBytes },
  });
}

export function unknownModel(model: string, models: ModelDirectory): AppError {
  return refusalError(unknownName(model, models));
}

/** The one model that is loaded, for requests that name none; null where there are none or several. */
export function usualModel(
  models: ModelDirectory,
  reports: ReadonlyMap<string, Pick<InstanceReport, 'state'>>,
): string | null {
  const isReady = ({ name }: { readonly name: string }): boolean => reports.get(name)?.state === 'ready';
  const ready = models.list().flatMap(({ kind, instances }) => (kind === 'instance' ? instances.filter(isReady) : []));
  const [first, second] = ready;
  return first !== undefined && second === undefined ? first.name : null;
}
