/** How a task has ended: the row that is kept, and the event that is told. Pure. */

import type { AppError } from '../../contract/errors.ts';
import type { TaskEventData } from '../../contract/index.ts';
import type { DurableEnding } from '../../store/index.ts';
import type { TaskOutcome } from './task-sink.ts';

export type LastEvent =
  | { readonly event: 'end'; readonly data: TaskEventData['end'] }
  | { readonly event: 'error'; readonly data: TaskEventData['error'] };

export function lastEventOf(outcome: TaskOutcome, seed: number): LastEvent {
  if (outcome.kind === 'failed') return { event: 'error', data: errorData(outcome.error) };
  const { totals } = outcome;
  return {
    event: 'end',
    data: {
      tokens_out: totals.tokensOut,
      tokens_in: totals.tokensIn,
      decode_time_ms: totals.decodeMs,
      first_token_ms: totals.firstTokenMs,
      stop_reason: totals.stopReason,
      seed,
    },
  };
}

/** As the clients of this API know the two endings that are nobody's failure. */
function errorData(error: AppError): TaskEventData['error'] {
  const retryAfterMs = error.detail?.['retry_after_ms'];
  return {
    code: error.code === 'ABORTED' ? 'cancelled' : error.code.toLowerCase(),
    message: error.hint === undefined ? error.message : `${error.message}; ${error.hint}`,
    retriable: error.retryable,
    retry_after_ms: typeof retryAfterMs === 'number' ? retryAfterMs : null,
  };
}

export function endingOf(outcome: TaskOutcome): Pick<DurableEnding, 'ending' | 'code'> {
  if (outcome.kind === 'done') return { ending: 'done', code: null };
  const { code } = outcome.error;
  if (code === 'ABORTED') return { ending: 'cancelled', code };
  if (code === 'TIMEOUT' || code === 'DEADLINE_EXCEEDED') return { ending: 'expired', code };
  return { ending: 'failed', code };
}
