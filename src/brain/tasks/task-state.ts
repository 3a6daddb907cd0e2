/**
 * The life of one task: which event moves it from which state to which, with which fact. It computes only; the
 * store holds what it answers, and `release.ts` says what an end means for others.
 *
 *   state    | released | leased | started | returned | adopted  | succeeded | retried  | failed | woken | ended by others
 *   ---------|----------|--------|---------|----------|----------|-----------|----------|--------|-------|----------------
 *   waiting  | ready    | .      | .       | .        | .        | .         | .        | .      | .     | ended
 *   ready    | .        | leased | .       | .        | .        | .         | .        | .      | .     | ended
 *   leased   | .        | .      | running | ready    | leased'  | ended     | backoff* | ended  | .     | ended
 *   running  | .        | .      | .       | ready    | running' | ended     | backoff* | ended  | .     | ended
 *   backoff  | .        | .      | .       | .        | .        | .         | .        | .      | ready | ended
 *   parked   | .        | .      | .       | .        | .        | .         | .        | .      | .     | ended
 *   ended    | .        | .      | .       | .        | .        | .         | .        | .      | .     | .
 *
 * `.` is refused and changes nothing. `'` holds the epoch of the agent's new life. `*` ready at once when the delay
 * is zero. A task that is ready, leased or running may also be `parked`: it waits for a repair or an answer, which make
 * it ready again (`unparked`) or fail it (`abandoned`); no try is counted. One that is leased or running may be
 * `handed-over`: it runs on in the hands of another holder. "Ended by others" is aborted, skipped or cancelled. What an attempt reports (started to failed) is refused
 * as stale unless its number is the task's attempt and its epoch the holder's.
 */

import { subject } from '../../contract/index.ts';
import type { FactData, FactType, FailureClass, NewFact } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';

/** Who holds an attempt: an agent's host, or the controller itself, in one of its lives. */
export interface Holder {
  readonly agent: string;
  readonly epoch: number;
}

export type EndState = 'succeeded' | 'failed' | 'aborted' | 'skipped' | 'cancelled';

export type TaskStatus =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'ready'; readonly since: number }
  | { readonly kind: 'leased'; readonly holder: Holder }
  | {
      readonly kind: 'running';
      readonly holder: Holder;
      /** Null while a model call waits for a slot. */
      readonly device: string | null;
      readonly pid: number | null;
      readonly startedAt: number;
    }
  | { readonly kind: 'backoff'; readonly until: number }
  | { readonly kind: 'parked' }
  | { readonly kind: 'ended'; readonly as: EndState; readonly at: number };

/** What the brain keeps of a task while it decides about it. */
export interface Task {
  readonly id: number;
  readonly batchId: string;
  readonly name: string;
  /** Number of the latest attempt; 0 before the first. */
  readonly attempt: number;
  /** Attempts that failed by the task's own doing. */
  readonly failures: number;
  /** Attempts that were lost to something else. */
  readonly freeAttempts: number;
  /** Device memory charged to the next attempt, in bytes. */
  readonly memoryBytes: number;
  readonly reason: string | null;
  readonly status: TaskStatus;
}

/** The identity under which an attempt reports. */
export interface Claim {
  readonly attempt: number;
  readonly epoch: number;
}

export type TaskEvent =
  | { readonly kind: 'released' }
  | { readonly kind: 'leased'; readonly holder: Holder }
  | {
      readonly kind: 'started';
      readonly claim: Claim;
      readonly device: string | null;
      readonly pid: number | null;
      readonly at: number;
    }
  /** Handed back through no doing of the task: declined, never arrived, or interrupted by our own restart. */
  | { readonly kind: 'returned'; readonly claim: Claim; readonly reason: string | null }
  | { readonly kind: 'adopted'; readonly claim: Claim; readonly epoch: number }
  /** Its work is done; from now on somebody else holds it, until that is judged. */
  | {
      readonly kind: 'handed-over';
      readonly claim: Claim;
      readonly holder: Holder;
      readonly device: string | null;
      readonly startedAt: number;
    }
  | { readonly kind: 'succeeded'; readonly claim: Claim; readonly durationMs: number; readonly note?: string }
  | {
      readonly kind: 'retried';
      readonly claim: Claim;
      readonly class: FailureClass;
      readonly reason: string;
      readonly free: boolean;
      readonly delayMs: number;
      /** Charged to the next attempt; absent: as much as before. */
      readonly memoryBytes?: number;
    }
  | { readonly kind: 'failed'; readonly claim: Claim; readonly class: FailureClass; readonly reason: string }
  | { readonly kind: 'woken' }
  /** With the claim of the attempt that ended, or without one for a ready task. */
  | { readonly kind: 'parked'; readonly claim: Claim | null; readonly because: string }
  | { readonly kind: 'unparked'; readonly because: string }
  | { readonly kind: 'abandoned'; readonly class: FailureClass; readonly reason: string }
  /** A ready task that was done before with the same inputs. */
  | { readonly kind: 'reused'; readonly from: string; readonly reason: string }
  | { readonly kind: 'aborted' | 'skipped' | 'cancelled'; readonly because: string };

type Step =
  | { readonly kind: 'moved'; readonly task: Task; readonly fact: NewFact | null }
  /** `stale`: another attempt, or another life of the agent, holds the task. */
  | { readonly kind: 'refused'; readonly why: 'stale' | 'not-now' };

const STALE: Step = { kind: 'refused', why: 'stale' };
const NOT_NOW: Step = { kind: 'refused', why: 'not-now' };

export function step(task: Task, event: TaskEvent, now: number): Step {
  switch (event.kind) {
    case 'released':
      return task.status.kind === 'waiting' ? ready(task, now, tell(task, 'task.released', {})) : NOT_NOW;
    case 'leased':
      return onLeased(task, event.holder);
    case 'woken':
      return task.status.kind === 'backoff' ? ready(task, now, tell(task, 'task.released', {})) : NOT_NOW;
    case 'parked':
      return onParked(task, event.claim, event.because);
    case 'unparked':
      return task.status.kind === 'parked'
        ? ready(task, now, tell(task, 'task.unparked', { because: event.because }))
        : NOT_NOW;
    case 'abandoned':
      return task.status.kind === 'parked' ? onFailed(task, event, now) : NOT_NOW;
    case 'reused':
      return task.status.kind === 'ready'
        ? end(task, 'succeeded', event.reason, now, tell(task, 'task.reused', { from: event.from }))
        : NOT_NOW;
    case 'aborted':
      return end(task, 'aborted', event.because, now, tell(task, 'task.aborted', { because: event.because }));
    case 'skipped':
      return end(task, 'skipped', event.because, now, tell(task, 'task.skipped', { because: event.because }));
    case 'cancelled':
      return end(task, 'cancelled', event.because, now, tell(task, 'task.cancelled', {}));
    default:
      return isCurrent(task, event.claim) ? onReport(task, event, now) : STALE;
  }
}

type Report = Exclude<Extract<TaskEvent, { readonly claim: Claim }>, { readonly kind: 'parked' }>;

/** What the current attempt says of itself; the caller has checked that it is the current one. */
function onReport(task: Task, event: Report, now: number): Step {
  switch (event.kind) {
    case 'started':
      return onStarted(task, event);
    case 'returned':
      return ready({ ...task, reason: event.reason }, now, null);
    case 'adopted':
      return onAdopted(task, event.epoch);
    case 'handed-over': {
      const { holder, device, startedAt } = event;
      return moved({ ...task, status: { kind: 'running', holder, device, pid: null, startedAt } }, null);
    }
    case 'succeeded':
      return onSucceeded(task, event, now);
    case 'retried':
      return onRetried(task, event, now);
    case 'failed':
      return onFailed(task, event, now);
    default:
      return assertNever(event);
  }
}

/** True when the claim is that of the attempt which holds the task now. */
function isCurrent(task: Task, claim: Claim): boolean {
  const holder = holderOf(task);
  return holder !== null && task.attempt === claim.attempt && holder.epoch === claim.epoch;
}

export function holderOf(task: Task): Holder | null {
  return task.status.kind === 'leased' || task.status.kind === 'running' ? task.status.holder : null;
}

function onLeased(task: Task, holder: Holder): Step {
  if (task.status.kind !== 'ready') return NOT_NOW;
  const attempt = task.attempt + 1;
  const fact = tell(task, 'task.leased', { attempt, agent: holder.agent, epoch: holder.epoch });
  return moved({ ...task, attempt, reason: null, status: { kind: 'leased', holder } }, fact);
}

function onStarted(task: Task, event: Extract<TaskEvent, { kind: 'started' }>): Step {
  if (task.status.kind !== 'leased') return NOT_NOW;
  const { device, pid, at } = event;
  const status: TaskStatus = { kind: 'running', holder: task.status.holder, device, pid, startedAt: at };
  return moved({ ...task, status }, tell(task, 'task.started', { attempt: task.attempt, device, pid }));
}

function onAdopted(task: Task, epoch: number): Step {
  if (task.status.kind !== 'leased' && task.status.kind !== 'running') return NOT_NOW;
  const status: TaskStatus = { ...task.status, holder: { ...task.status.holder, epoch } };
  return moved({ ...task, status }, tell(task, 'attempt.adopted', { attempt: task.attempt, epoch }));
}

function onSucceeded(task: Task, event: Extract<TaskEvent, { kind: 'succeeded' }>, now: number): Step {
  const fact = tell(task, 'task.succeeded', { attempt: task.attempt, duration_ms: event.durationMs });
  return end(task, 'succeeded', event.note ?? null, now, fact);
}

function onRetried(task: Task, event: Extract<TaskEvent, { kind: 'retried' }>, now: number): Step {
  const counted: Task = {
    ...task,
    failures: task.failures + (event.free ? 0 : 1),
    freeAttempts: task.freeAttempts + (event.free ? 1 : 0),
    memoryBytes: event.memoryBytes ?? task.memoryBytes,
    reason: event.reason,
  };
  const fact = tell(task, 'task.retry_scheduled', {
    attempt: task.attempt,
    class: event.class,
    reason: event.reason,
    delay_ms: event.delayMs,
    free: event.free,
  });
  if (event.delayMs === 0) return ready(counted, now, fact);
  return moved({ ...counted, status: { kind: 'backoff', until: now + event.delayMs } }, fact);
}

function onParked(task: Task, claim: Claim | null, because: string): Step {
  const may = claim === null ? task.status.kind === 'ready' : isCurrent(task, claim);
  if (!may) return claim === null ? NOT_NOW : STALE;
  return moved({ ...task, reason: because, status: { kind: 'parked' } }, tell(task, 'task.parked', { because }));
}

function onFailed(task: Task, event: Extract<TaskEvent, { kind: 'failed' | 'abandoned' }>, now: number): Step {
  const counted = { ...task, failures: task.failures + 1 };
  const fact = tell(task, 'task.failed', { attempt: task.attempt, class: event.class, reason: event.reason });
  return end(counted, 'failed', event.reason, now, fact);
}

function ready(task: Task, now: number, fact: NewFact | null): Step {
  return moved({ ...task, status: { kind: 'ready', since: now } }, fact);
}

function end(task: Task, as: EndState, reason: string | null, now: number, fact: NewFact): Step {
  if (task.status.kind === 'ended') return NOT_NOW;
  return moved({ ...task, reason, status: { kind: 'ended', as, at: now } }, fact);
}

function moved(task: Task, fact: NewFact | null): Step {
  return { kind: 'moved', task, fact };
}

function tell<T extends FactType>(task: Task, type: T, data: FactData[T]): NewFact<T> {
  return { type, subject: subject.task(task.batchId, task.name), data };
}
