/**
 * What kind of failure an attempt ended with, and what to do about it. Rules only, in their order; it neither
 * changes a task nor knows when a retry is due by the clock.
 */

import type { FailureClass, Outcome } from '../contract/index.ts';
import { assertNever } from '../kernel/index.ts';
import type { Random } from '../kernel/index.ts';

/** Free retries in a row before a task counts as one that kills whatever runs it. */
export const POISON_LIMIT = 5;
/** Factor of the memory charge after an attempt ran out of memory. */
export const MEMORY_GROWTH = 1.5;

export type Verdict =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly class: FailureClass; readonly reason: string };

type Ending = Pick<Outcome, 'result' | 'exitCode' | 'signal' | 'missing' | 'tail'>;

const OUT_OF_MEMORY =
  /\b(?:cuda|vulkan|hip|cublas)\b.{0,80}out of memory|ErrorOutOf(?:Device|Host)Memory|OutOfMemoryError|std::bad_alloc|Cannot allocate memory/i;
const OVERLOADED =
  /ECONNREFUSED|ECONNRESET|Connection (?:refused|reset)|\b429 Too Many Requests|\b503 Service Unavailable|\bHTTP(?:\/[\d.]+)? (?:429|503)\b|status(?: code)?:? (?:429|503)\b/i;
const HOST_SHORTAGE = /\b(?:EAGAIN|ENOMEM|EMFILE|ENFILE|ENOSPC)\b/;

/** Judges how an attempt ended. `failCodes` are the exit codes that the plan declares final. */
export function classify(ending: Ending, failCodes: readonly number[]): Verdict {
  switch (ending.result) {
    case 'cancelled':
      return failed('cancelled', 'stopped on request');
    case 'lost':
      return failed('infrastructure', lastLine(ending.tail) ?? 'its worker was lost');
    case 'stuck':
      return failed('stuck', 'made no progress');
    case 'blocked':
      return failed('permission', lastLine(ending.tail) ?? 'its command is forbidden');
    case 'timed_out':
      return failed('timeout', 'ran past its timeout');
    case 'spawn_failed':
      return failed(
        HOST_SHORTAGE.test(ending.tail) ? 'infrastructure' : 'definition',
        because('could not start', ending),
      );
    case 'signalled':
      return bySignal(ending);
    case 'exited':
      return byExitCode(ending, failCodes);
    default:
      return assertNever(ending.result);
  }
}

function bySignal(ending: Ending): Verdict {
  const memory = ending.signal === 'SIGKILL' || OUT_OF_MEMORY.test(ending.tail);
  return failed(memory ? 'memory' : 'exit_code', because(`ended by ${ending.signal ?? 'a signal'}`, ending));
}

function byExitCode(ending: Ending, failCodes: readonly number[]): Verdict {
  const code = ending.exitCode ?? 0;
  if (code !== 0) return failed(classOfExitCode(code, ending.tail, failCodes), because(`exit code ${code}`, ending));
  if (ending.missing.length > 0) return failed('output', `did not produce ${ending.missing.join(', ')}`);
  return { kind: 'succeeded' };
}

function classOfExitCode(code: number, tail: string, failCodes: readonly number[]): FailureClass {
  if (failCodes.includes(code)) return 'declared';
  if (code === 126 || code === 127) return 'definition';
  if (code === 137 || OUT_OF_MEMORY.test(tail)) return 'memory';
  return OVERLOADED.test(tail) ? 'backoff' : 'exit_code';
}

function failed(failureClass: FailureClass, reason: string): Verdict {
  return { kind: 'failed', class: failureClass, reason };
}

function because(what: string, ending: Ending): string {
  const line = lastLine(ending.tail);
  return line === null ? what : `${what}: ${line}`;
}

function lastLine(tail: string): string | null {
  const line = tail.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? null : line.slice(0, 300);
}

/** What the task has behind it when the decision is made; the failure at hand is not yet counted. */
export interface FailureHistory {
  readonly failures: number;
  readonly freeAttempts: number;
  /** Earlier attempts of this task that ran past their timeout. */
  readonly timeouts: number;
}

export interface RetryRules {
  /** Further attempts after the first. */
  readonly retries: number;
  /** What the far end asked us to wait, when it did. */
  readonly retryAfterMs?: number;
}

export type FailureDecision =
  | { readonly kind: 'retry'; readonly free: boolean; readonly delayMs: number; readonly memoryFactor: number }
  | { readonly kind: 'fail' };

const FAIL: FailureDecision = { kind: 'fail' };

/** Whether a failed task is tried again, when, and whether the try counts. */
export function decide(
  failureClass: FailureClass,
  history: FailureHistory,
  rules: RetryRules,
  random: Random,
): FailureDecision {
  switch (failureClass) {
    case 'definition':
    case 'declared':
    case 'permission':
    case 'cancelled':
      return FAIL;
    case 'infrastructure':
      return freeRetry(history, random);
    case 'timeout':
      return history.timeouts > 0 ? FAIL : budgetRetry(history, rules, PATIENT, random);
    case 'memory':
      return budgetRetry(history, rules, { ...PATIENT, memoryFactor: MEMORY_GROWTH }, random);
    case 'backoff':
      return budgetRetry(history, rules, OVERLOAD, random);
    case 'exit_code':
    case 'output':
    case 'stuck':
      return budgetRetry(history, rules, PATIENT, random);
    default:
      return assertNever(failureClass);
  }
}

interface Pace {
  readonly baseMs: number;
  readonly capMs: number;
  readonly memoryFactor: number;
}

const PATIENT: Pace = { baseMs: 1_000, capMs: 60_000, memoryFactor: 1 };
const OVERLOAD: Pace = { baseMs: 5_000, capMs: 300_000, memoryFactor: 1 };

function budgetRetry(history: FailureHistory, rules: RetryRules, pace: Pace, random: Random): FailureDecision {
  if (history.failures >= rules.retries) return FAIL;
  const delayMs = Math.max(rules.retryAfterMs ?? 0, delayBefore(history.failures, pace, random));
  return { kind: 'retry', free: false, delayMs, memoryFactor: pace.memoryFactor };
}

/** The first free retry is at once: what failed was not the task. */
function freeRetry(history: FailureHistory, random: Random): FailureDecision {
  if (history.freeAttempts >= POISON_LIMIT) return FAIL;
  const delayMs = history.freeAttempts === 0 ? 0 : delayBefore(history.freeAttempts - 1, PATIENT, random);
  return { kind: 'retry', free: true, delayMs, memoryFactor: 1 };
}

/** Doubles with every earlier try, bounded, and spread over its upper half. */
function delayBefore(earlier: number, pace: Pace, random: Random): number {
  return Math.round(Math.min(pace.capMs, pace.baseMs * 2 ** earlier) * (0.5 + random() / 2));
}
