/**
 * The life of one request, as a pure machine. After a terminal state nothing changes it any more.
 *
 *   queued ──dispatched──▶ dispatched ──content──▶ streaming ──finished──▶ done
 *     ▲                        │
 *     └────────moved───────────┘         any of the three ──▶ failed | cancelled | expired
 */

import { assertNever } from '../../kernel/index.ts';
import type { Usage } from '../types.ts';

/** All times are milliseconds of one monotonic clock. `queueMs` sums over all waits. */
export type RequestState =
  | { readonly kind: 'queued'; readonly since: number; readonly queueMs: number; readonly attempts: number }
  | Dispatched
  | (Omit<Dispatched, 'kind'> & { readonly kind: 'streaming'; readonly firstByteAt: number })
  | Ended;

interface Dispatched {
  readonly kind: 'dispatched';
  readonly instance: string;
  readonly since: number;
  readonly queueMs: number;
  readonly attempts: number;
}

interface Ended {
  readonly kind: 'done' | 'failed' | 'cancelled' | 'expired';
  readonly at: number;
  readonly instance: string | null;
  readonly firstByteAt: number | null;
  readonly queueMs: number;
  readonly attempts: number;
  readonly usage: Usage;
  /** Catalogue code; null after `done`. */
  readonly code: string | null;
}

export type RequestEvent =
  | { readonly kind: 'dispatched'; readonly at: number; readonly instance: string }
  | { readonly kind: 'content'; readonly at: number }
  /** Nothing had been relayed; it waits for another slot. */
  | { readonly kind: 'moved'; readonly at: number; readonly because: string }
  | { readonly kind: 'finished'; readonly at: number; readonly usage: Usage }
  | { readonly kind: 'failed'; readonly at: number; readonly code: string; readonly usage: Usage }
  | { readonly kind: 'cancelled'; readonly at: number; readonly usage: Usage }
  | { readonly kind: 'expired'; readonly at: number; readonly code: string; readonly usage: Usage };

export const NO_USAGE: Usage = { tokensIn: 0, tokensOut: 0 };

export function newRequest(at: number): RequestState {
  return { kind: 'queued', since: at, queueMs: 0, attempts: 0 };
}

export function isEnded(state: RequestState): state is Ended {
  return state.kind !== 'queued' && state.kind !== 'dispatched' && state.kind !== 'streaming';
}

/** The next state; the same object when the event means nothing in this state. */
export function step(state: RequestState, event: RequestEvent): RequestState {
  if (isEnded(state)) return state;
  switch (event.kind) {
    case 'dispatched':
      return state.kind === 'queued' ? dispatch(state, event) : state;
    case 'content':
      return state.kind === 'dispatched' ? begin(state, event.at) : state;
    case 'moved':
      return state.kind === 'dispatched' ? requeue(state, event.at) : state;
    case 'finished':
      return state.kind === 'queued' ? state : end(state, 'done', event.at, event.usage, null);
    case 'failed':
      return end(state, 'failed', event.at, event.usage, event.code);
    case 'cancelled':
      return end(state, 'cancelled', event.at, event.usage, 'ABORTED');
    case 'expired':
      return end(state, 'expired', event.at, event.usage, event.code);
    default:
      return assertNever(event);
  }
}

function dispatch(
  state: RequestState & { kind: 'queued' },
  event: RequestEvent & { kind: 'dispatched' },
): RequestState {
  return {
    kind: 'dispatched',
    instance: event.instance,
    since: event.at,
    queueMs: state.queueMs + event.at - state.since,
    attempts: state.attempts + 1,
  };
}

function begin({ instance, since, queueMs, attempts }: Dispatched, firstByteAt: number): RequestState {
  return { kind: 'streaming', instance, since, queueMs, attempts, firstByteAt };
}

function requeue(state: Dispatched, at: number): RequestState {
  return { kind: 'queued', since: at, queueMs: state.queueMs, attempts: state.attempts };
}

function end(
  state: Exclude<RequestState, Ended>,
  kind: Ended['kind'],
  at: number,
  usage: Usage,
  code: string | null,
): RequestState {
  const waited = state.kind === 'queued' ? at - state.since : 0;
  return {
    kind,
    at,
    instance: state.kind === 'queued' ? null : state.instance,
    firstByteAt: state.kind === 'streaming' ? state.firstByteAt : null,
    queueMs: state.queueMs + waited,
    attempts: state.attempts,
    usage,
    code,
  };
}
