/** Reads what the controller answered: JSON, text as it comes, or an error in either of the two envelopes. */

import type { IncomingMessage } from 'node:http';

import { AppError, isErrorCode } from '../contract/errors.ts';
import type { ErrorCode } from '../contract/errors.ts';
import { connectionError } from './transport.ts';
import type { Endpoint } from './endpoint.ts';

/** The body as JSON; rejects with the AppError that an error status stands for. */
export async function readJson<T>(response: IncomingMessage, endpoint: Endpoint): Promise<T> {
  const text = await readText(response, endpoint);
  if (isError(response)) throw errorFromBody(response.statusCode ?? 0, text);
  try {
    // The controller is of the same release and speaks the contract; its answers are not validated again.
    return JSON.parse(text === '' ? '{}' : text) as T;
  } catch (cause) {
    throw new AppError('INTERNAL', 'the daemon answered with something that is not JSON', { cause });
  }
}

/** The body piece by piece, decoded so that no character is cut. */
export async function* readChunks(response: IncomingMessage, endpoint: Endpoint): AsyncGenerator<string> {
  if (isError(response)) throw errorFromBody(response.statusCode ?? 0, await readText(response, endpoint));
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) yield String(chunk);
  } catch (error) {
    throw asConnectionError(error, endpoint);
  }
}

/** The body as it comes. */
export async function* readBytes(response: IncomingMessage, endpoint: Endpoint): AsyncGenerator<Buffer> {
  if (isError(response)) throw errorFromBody(response.statusCode ?? 0, await readText(response, endpoint));
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throw asConnectionError(error, endpoint);
  }
}

export async function readText(response: IncomingMessage, endpoint: Endpoint): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  try {
    for await (const chunk of response) text += String(chunk);
  } catch (error) {
    throw asConnectionError(error, endpoint);
  }
  return text;
}

function isError(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status < 200 || status > 299;
}

function asConnectionError(error: unknown, endpoint: Endpoint): unknown {
  return error instanceof Error && 'code' in error ? connectionError(endpoint, error) : error;
}

/** Our own envelope, OpenAI's (whose codes are ours in lower case), or just the status. */
export function errorFromBody(status: number, text: string): AppError {
  const error = errorObject(text);
  const told = (textOf(error, 'code') ?? textOf(error, 'type') ?? '').toUpperCase();
  const hint = textOf(error, 'hint');
  const message = withoutHint(textOf(error, 'message') ?? `the daemon answered with status ${status}`, hint);
  const detail = error?.['detail'];
  return new AppError(isErrorCode(told) ? told : codeOfStatus(status), message, {
    ...(hint === undefined ? {} : { hint }),
    ...(isRecord(detail) ? { detail } : {}),
  });
}

/** OpenAI's envelope has no place for a hint that its clients show, so there the message ends with it too. */
function withoutHint(message: string, hint: string | undefined): string {
  const appended = `; ${hint}`;
  return hint !== undefined && message.endsWith(appended) ? message.slice(0, -appended.length) : message;
}

function errorObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) && isRecord(body['error']) ? body['error'] : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: Readonly<Record<string, unknown>> | undefined, key: string): string | undefined {
  const found = value?.[key];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'INVALID_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'TIMEOUT',
  413: 'BODY_TOO_LARGE',
  422: 'INVALID_REQUEST',
  429: 'QUEUE_FULL',
  502: 'ENGINE_FAILED',
  503: 'INSTANCE_UNAVAILABLE',
  504: 'TIMEOUT',
};

function codeOfStatus(status: number): ErrorCode {
  return CODES[status] ?? 'INTERNAL';
}
