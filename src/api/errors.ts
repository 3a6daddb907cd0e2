/** The one place where an error becomes an answer of the management API: in our own words, or in those of Ollama's clients. */

import type { FastifyReply } from 'fastify';
import { ZodError } from 'zod';

import { AppError, asAppError, toErrorBody } from '../contract/index.ts';
import { bodyTooLarge, errorHeaders, wireOf } from '../gateway/index.ts';
import { MAX_BODY_BYTES } from './http-server.ts';

export function renderError(reply: FastifyReply, error: AppError): FastifyReply {
  reply.request.errorCode = error.code;
  const { url } = reply.request;
  const body = url.startsWith('/api/') ? wireOf(url).renderError(error).body : toErrorBody(error);
  return reply.status(error.status).headers(errorHeaders(error)).send(body);
}

/** What a route, the body parser or a schema threw, in the words of the catalogue. All violations at once. */
export function toApiError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof ZodError) {
    const problems = thrown.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    const text = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    return new AppError('INVALID_REQUEST', text, { detail: { problems } });
  }
  const status = statusOf(thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (status === 413) return bodyTooLarge(MAX_BODY_BYTES);
  if (status === 415) return new AppError('UNSUPPORTED_MEDIA_TYPE', message, { hint: 'send application/json' });
  if (status !== null && status >= 400 && status < 500) return new AppError('INVALID_REQUEST', message);
  return asAppError(thrown);
}

function statusOf(thrown: unknown): number | null {
  return thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number'
    ? thrown.statusCode
    : null;
}
