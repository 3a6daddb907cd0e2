/** Errors, pings and stream headers of Anthropic's messages protocol. Pure. */

import type { AppError } from '../../../contract/errors.ts';
import { SSE_HEADERS } from '../call.ts';
import type { WireProtocol } from '../call.ts';
import { errorHeaders, errorMessage } from '../openai/errors.ts';

/** An overloaded server has a status of its own in this protocol. */
const OVERLOADED = 529;

export const anthropicWire: WireProtocol = {
  renderError(error) {
    const status = isOverload(error) ? OVERLOADED : error.status;
    return { status, headers: errorHeaders(error), body: JSON.stringify(errorBody(error)) };
  },
  renderStreamError: (error) => anthropicFrame('error', errorBody(error)),
  renderKeepAlive: () => anthropicFrame('ping', { type: 'ping' }),
  renderStarted: () => '',
  streamHeaders: SSE_HEADERS,
};

export function anthropicFrame(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function errorBody(error: AppError): object {
  return { type: 'error', error: { type: typeOf(error), message: errorMessage(error) } };
}

function typeOf(error: AppError): string {
  if (isOverload(error)) return 'overloaded_error';
  switch (error.status) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 413:
      return 'request_too_large';
    case 429:
      return 'rate_limit_error';
    case 504:
      return 'timeout_error';
    default:
      return error.status < 500 ? 'invalid_request_error' : 'api_error';
  }
}

/** The queue is full: nobody has asked too often, there are too many who ask. */
function isOverload(error: AppError): boolean {
  return error.code === 'QUEUE_FULL';
}
