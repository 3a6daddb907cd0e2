/** What pages of other origins are told. Without an origin in the settings none may call, and nothing is said. */

import type { IncomingMessage, ServerResponse } from 'node:http';

const TOLD_TO_PAGES = [
  'x-request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'x-drover-instance',
  'x-drover-queue-ms',
  'x-drover-overhead-ms',
  'x-drover-attempts',
  'x-budget-tokens-remaining',
  'x-budget-seconds-remaining',
];

/** Answers a preflight and is true then; else lets the page read what comes. */
export function answerCors(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): boolean {
  const { origin } = request.headers;
  if (origin === undefined || !origins.includes(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'origin');
  response.setHeader('access-control-expose-headers', TOLD_TO_PAGES.join(', '));
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-max-age': '600',
  });
  response.end();
  return true;
}
