/** Requests as the inspector sees them: those that wait or run beside those that have ended lately. Pure. */

import type { RequestRecord } from '../types.ts';
import type { RequestBook, RequestLife } from './request-book.ts';
import { isEnded, NO_USAGE } from './request-state.ts';
import type { RequestState } from './request-state.ts';

/** Durations of what has not ended are those so far. */
export interface SeenRequest extends Omit<RequestRecord, 'ending' | 'endedAt'> {
  readonly state: RequestState['kind'];
  /** Null for what has not ended. */
  readonly endedAt: number | null;
}

/** Newest first. `now` is monotonic milliseconds. */
export function seenRequests(book: Pick<RequestBook, 'inFlight' | 'recent'>, now: number): readonly SeenRequest[] {
  const live = [...book.inFlight()].map((life) => seenLife(life, now));
  const ended = book.recent().map(({ ending, ...record }) => ({ ...record, state: ending }));
  return [...live, ...ended].toSorted((a, b) => b.arrivedAt - a.arrivedAt);
}

function seenLife({ face, state, arrivedAt, since, status }: RequestLife, now: number): SeenRequest {
  const waiting = state.kind === 'queued' ? now - state.since : 0;
  return {
    ...face,
    ...(isEnded(state) ? state.usage : NO_USAGE),
    state: state.kind,
    instance: state.kind === 'queued' ? null : state.instance,
    code: null,
    status,
    arrivedAt: since,
    endedAt: null,
    queueMs: Math.round(state.queueMs + waiting),
    overheadMs: null,
    firstByteMs: state.kind === 'streaming' ? Math.round(state.firstByteAt - arrivedAt) : null,
    durationMs: Math.round(now - arrivedAt),
    attempts: state.attempts,
  };
}
