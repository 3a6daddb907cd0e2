/** Errors of llama.cpp's own protocol; all else is as in OpenAI's. Pure. */

import type { AppError } from '../../../contract/errors.ts';
import type { WireProtocol } from '../call.ts';
import { errorHeaders, errorMessage } from '../openai/errors.ts';
import { openAi } from '../openai/protocol.ts';

export const llamaCppWire: WireProtocol = {
  ...openAi,
  renderError: (error) => ({
    status: error.status,
    headers: errorHeaders(error),
    body: JSON.stringify({ error: errorBody(error) }),
  }),
  renderStreamError: (error) => `data: ${JSON.stringify({ error: errorBody(error) })}\n\n`,
};

function errorBody(error: AppError): object {
  const body = { code: error.status, message: errorMessage(error), type: typeOf(error.status) };
  if (error.code !== 'CONTEXT_LENGTH_EXCEEDED') return body;
  const { prompt_tokens: tokens, context_tokens: context } = error.detail ?? {};
  return { ...body, type: 'exceed_context_size_error', n_prompt_tokens: tokens, n_ctx: context };
}

function typeOf(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 503:
      return 'unavailable_error';
    default:
      return status < 500 ? 'invalid_request_error' : 'server_error';
  }
}
