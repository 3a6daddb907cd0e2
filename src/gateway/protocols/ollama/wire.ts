/** Errors and streams of Ollama's protocol: one JSON value per line. Pure. */

import type { WireProtocol } from '../call.ts';
import { errorHeaders, errorMessage } from '../openai/errors.ts';

/** `silence` is a line that says nothing yet; this protocol has no comments. */
export function ollamaWire(silence: () => string): WireProtocol {
  return {
    renderError: (error) => ({
      status: error.status,
      headers: errorHeaders(error),
      body: JSON.stringify({ error: errorMessage(error) }),
    }),
    renderStreamError: (error) => line({ error: errorMessage(error) }),
    renderKeepAlive: silence,
    renderStarted: () => '',
    streamHeaders: {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  };
}

/** For what has no stream. */
export const ollamaErrors: WireProtocol = ollamaWire(() => '');

export function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
