/** Reads what the controller answered: JSON, text as it comes, or an error in either of the two envelopes. */

import { AppError, isErrorCode } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Reply } from './transport.ts';

/** The body as JSON; rejects with the AppError that an error status stands for. */
export async function readJson<T>(reply: Reply): Promise<T> {
  await assertGood(reply);
  const text = await readText(reply);
  try {
    // The controller is of the same release and speaks the contract; its answers are not validated again.
    return JSON.parse(text === '' ? '{}' : text) as T;
  } catch (cause) {
    throw new AppError('INTERNAL', 'the daemon answered with something that is not JSON', { cause });
  }
}

/** The body piece by piece, decoded so that no character is cut. */
export async function* readChunks(reply: Reply): AsyncGenerator<string> {
  await assertGood(reply);
  yield* textOfBody(reply);
}

/** The body as it comes. */
export async function* readBytes(reply: Reply): AsyncGenerator<Uint8Array> {
  await assertGood(reply);
  yield* reply.body;
}

async function assertGood(reply: Reply): Promise<void> {
  if (reply.status >= 200 && reply.status <= 299) return;
  throw errorFromBody(reply.status, await readText(reply), retryAfterMs(reply));
}

async function readText(reply: Reply): Promise<string> {
  let text = '';
  for await (const chunk of textOfBody(reply)) text += chunk;
  return text;
}

async function* textOfBody({ body }: Reply): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/**
 * Our own envelope, OpenAI's (whose codes are ours in lower case), or just the status. The time that the controller asks
 * for before another try stands in `detail.retry_after_ms`.
 */
export function errorFromBody(status: number, text: string, retryAfter: number | null = null): AppError {
  const error = errorObject(text);
  const told = (textOf(error, 'code') ?? textOf(error, 'type') ?? '').toUpperCase();
  const hint = textOf(error, 'hint');
  const message = withoutHint(textOf(error, 'message') ?? `the daemon answered with status ${status}`, hint);
  const detail = { ...asRecord(error?.['detail']), ...(retryAfter === null ? {} : { retry_after_ms: retryAfter }) };
  return new AppError(isErrorCode(told) ? told : codeOfStatus(status), message, {
    ...(hint === undefined ? {} : { hint }),
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
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
    return asRecord(asRecord(body)?.['error']);
  } catch {
    return undefined;
  }
}

function textOf(value: Readonly<Record<string, unknown>> | undefined, key: string): string | undefined {
  const found = value?.[key];
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Readonly<Record<string, unknown>>) : undefined;
}

/** Of answers without a code of ours: a 500 that names none is an engine's own, passed on as it was. */
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
  500: 'ENGINE_FAILED',
  502: 'ENGINE_FAILED',
  503: 'INSTANCE_UNAVAILABLE',
  504: 'TIMEOUT',
};

function codeOfStatus(status: number): ErrorCode {
  return CODES[status] ?? 'INTERNAL';
}
