/** Every request from arrival to its one terminal event: what runs, what has ended lately, and how many so far. */

import type { Clock, Log } from '../../kernel/index.ts';
import type { GatewaySnapshot, RequestClass, RequestEnding, RequestRecord } from '../types.ts';
import { isEnded, newRequest, step } from './request-state.ts';
import type { RequestEvent, RequestState } from './request-state.ts';

/** What does not change about a request. */
export interface RequestFace {
  readonly id: string;
  readonly key: string;
  readonly class: RequestClass;
  readonly model: string;
  readonly endpoint: string;
  readonly stream: boolean;
  /** The span of the caller that it belongs to, in the words of W3C. */
  readonly traceparent?: string | null;
}

/** What was told before the answer. */
export interface SentHead {
  /** Of HTTP. */
  readonly status: number;
  /** As in `RequestRecord`. */
  readonly overheadMs: number | null;
}

/** The owner of one request's state. */
export interface RequestLife {
  readonly face: RequestFace;
  readonly state: RequestState;
  /** Monotonic milliseconds. */
  readonly arrivedAt: number;
  /** Epoch milliseconds of the same moment. */
  readonly since: number;
  /** The HTTP status that was sent; null before. */
  readonly status: number | null;
  /** False when the event means nothing any more: its ending has been told. */
  apply(event: RequestEvent): boolean;
  headSent(head: SentHead): void;
}

export interface RequestBook {
  open(face: RequestFace): RequestLife;
  /** Whether a request of this id waits or runs: queue and slots know each by its id alone. */
  isLive(id: string): boolean;
  /** Requests that never got an id of their own: refused before they were understood. */
  countRejected(): void;
  inFlight(): IterableIterator<RequestLife>;
  recent(): readonly RequestRecord[];
  counters(): GatewaySnapshot['counters'];
}

interface RequestBookDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: number;
  readonly onEnded: (record: RequestRecord) => void;
}

export function createRequestBook(deps: RequestBookDeps): RequestBook {
  const live = new Map<string, RequestLife>();
  const ended: RequestRecord[] = [];
  const counters = {
    done: 0,
    failed: 0,
    cancelled: 0,
    expired: 0,
    rejected: 0,
    moved: 0,
    preempted: 0,
    tokensIn: 0,
    tokensOut: 0,
  };

  function close(life: RequestLife, record: RequestRecord): void {
    live.delete(life.face.id);
    counters[record.ending]++;
    counters.tokensIn += record.tokensIn;
    counters.tokensOut += record.tokensOut;
    ended.push(record);
    if (ended.length > deps.history) ended.shift();
    deps.log.info(record, 'request ended');
    deps.onEnded(record);
  }

  return {
    open(face) {
      const arrivedAt = deps.clock.monotonic();
      const since = deps.clock.now();
      let state = newRequest(arrivedAt);
      let head: SentHead | null = null;
      const life: RequestLife = {
        face,
        arrivedAt,
        since,
        get status() {
          return head?.status ?? null;
        },
        get state() {
          return state;
        },
        apply(event) {
          const next = step(state, event);
          if (next === state) return false;
          state = next;
          if (event.kind === 'moved') counters[event.because === 'gave-way' ? 'preempted' : 'moved']++;
          if (isEnded(state)) close(life, toRecord(face, state, { arrivedAt, since, head }));
          return true;
        },
        headSent: (sent) => void (head = sent),
      };
      live.set(face.id, life);
      return life;
    },
    isLive: (id) => live.has(id),
    countRejected: () => void counters.rejected++,
    inFlight: () => live.values(),
    recent: () => ended.toReversed(),
    counters: () => ({ ...counters }),
  };
}

interface Times {
  readonly arrivedAt: number;
  /** Epoch milliseconds of the same moment. */
  readonly since: number;
  readonly head: SentHead | null;
}

/** Field by field: made for every request, and a spread with more behind it takes ten times as long. */
function toRecord(face: RequestFace, state: RequestState & { kind: RequestEnding }, times: Times): RequestRecord {
  const durationMs = state.at - times.arrivedAt;
  return {
    id: face.id,
    key: face.key,
    class: face.class,
    model: face.model,
    endpoint: face.endpoint,
    stream: face.stream,
    traceparent: face.traceparent ?? null,
    tokensIn: state.usage.tokensIn,
    tokensOut: state.usage.tokensOut,
    instance: state.instance,
    ending: state.kind,
    code: state.code,
    status: times.head?.status ?? null,
    arrivedAt: times.since,
    endedAt: times.since + Math.round(durationMs),
    queueMs: rounded(state.queueMs),
    overheadMs: times.head?.overheadMs ?? null,
    firstByteMs: state.firstByteAt === null ? null : rounded(state.firstByteAt - times.arrivedAt),
    durationMs: rounded(durationMs),
    attempts: state.attempts,
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
