/** OpenAI's wire: how errors and keep-alives look. */

import { SSE_HEADERS } from '../call.ts';
import type { Wait, WireProtocol } from '../call.ts';
import { renderError, renderStreamError } from './errors.ts';

export const openAi: WireProtocol = {
  renderError,
  renderStreamError,
  renderKeepAlive: renderComment,
  renderStarted: ({ instance, queueMs, attempts }) =>
    `: started queue_ms=${queueMs.toFixed(1)} attempts=${attempts} instance=${instance}\n\n`,
  streamHeaders: SSE_HEADERS,
};

/** Comments are the only keep-alive that every client ignores. */
function renderComment({ position, etaMs }: Wait): string {
  if (position === 0) return ': working\n\n';
  return etaMs === null ? `: queued pos=${position}\n\n` : `: queued pos=${position} eta_ms=${etaMs}\n\n`;
}
