/** Errors in OpenAI's shape: the one place where they are rendered. */

import type { AppError } from '../../../contract/errors.ts';
import type { RenderedError } from '../call.ts';

interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly code: string;
  readonly param: string | null;
  readonly hint?: string;
}

/** The field of the request an error is about travels in `detail.param`. */
export function renderError(error: AppError): RenderedError {
  return { status: error.status, headers: errorHeaders(error), body: JSON.stringify({ error: errorBody(error) }) };
}

/** One SSE frame; clients raise it in the middle of the stream. */
export function renderStreamError(error: AppError): string {
  return `data: ${JSON.stringify({ error: errorBody(error) })}\n\n`;
}

function errorBody(error: AppError): OpenAiError {
  const param = error.detail?.['param'];
  return {
    message: errorMessage(error),
    type: typeOf(error.status),
    code: error.code.toLowerCase(),
    param: typeof param === 'string' ? param : null,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_exceeded';
  if (status === 503) return 'unavailable_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** With the remedy, where there is one. */
export function errorMessage(error: AppError): string {
  return error.hint === undefined ? error.message : `${error.message}; ${error.hint}`;
}

/** When to come back, and whether to. The same in every protocol. */
export function errorHeaders(error: AppError): Readonly<Record<string, string>> {
  const retryAfterMs = error.detail?.['retry_after_ms'];
  const allow = error.detail?.['allow'];
  return {
    'content-type': 'application/json; charset=utf-8',
    ...(typeof retryAfterMs === 'number' ? retryHeaders(retryAfterMs) : {}),
    ...(typeof allow === 'string' ? { allow } : {}),
    ...(isWorthRetrying(error) ? {} : { 'x-should-retry': 'false' }),
  };
}

function retryHeaders(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.ceil(ms / 1_000)), 'retry-after-ms': String(ms), 'x-backoff-ms': String(ms) };
}

/** SDKs retry every 5xx on their own: not where only a person can help, nor where engines have read the prompt for it. */
function isWorthRetrying(error: AppError): boolean {
  const { attempts, prompt_was_read: isRead } = error.detail ?? {};
  return error.retryable && isRead !== true && !(typeof attempts === 'number' && attempts > 1);
}
