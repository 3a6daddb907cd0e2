/**
 * What kind of failure an attempt ended with, and what to do about it. Rules only, in their order; it neither
 * changes a task nor knows when a retry is due by the clock.
 */

import type { FailureClass, Outcome } from '../../contract/index.ts';
import { assertNever, parseTime } from '../../kernel/index.ts';
import type { Random } from '../../kernel/index.ts';

/** Free retries in a row before a task counts as one that kills whatever runs it. */
export const POISON_LIMIT = 5;
/** Factor of the memory charge after an attempt ran out of memory. */
const MEMORY_GROWTH = 1.5;

type Verdict =
  | { readonly kind: 'succeeded' }
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly reason: string;
      /** What the far end asked to wait. */
      readonly retryAfterMs?: number;
    };

type Ending = Pick<Outcome, 'result' | 'exitCode' | 'signal' | 'missing' | 'tail' | 'endedAt'>;

const OUT_OF_MEMORY =
  /\b(?:cuda|cudaMalloc|vulkan|hip|hipMalloc|rocm|cublas)\b.{0,80}out of memory|(?:CUDA|VK|HIP|hip)_?Error_?Out_?Of_?(?:Device_?|Host_?)?Memory|ErrorOutOf(?:Device|Host)Memory|OutOfMemoryError|\bMemoryError\b|std::bad_alloc|Cannot allocate memory|unable to allocate \w+ buffer|failed to allocate \w*(?:CUDA|Vulkan|ROCm)\w* buffer/i;
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
        because('could not start', ending, 'definition'),
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
  const failureClass = memory ? 'memory' : 'exit_code';
  return failed(failureClass, because(`ended by ${ending.signal ?? 'a signal'}`, ending, failureClass));
}

function byExitCode(ending: Ending, failCodes: readonly number[]): Verdict {
  const code = ending.exitCode ?? 0;
  if (code !== 0) {
    const failureClass = classOfExitCode(code, ending.tail, failCodes);
    const verdict = failed(failureClass, because(`exit code ${code}`, ending, failureClass));
    const retryAfterMs = verdict.class === 'backoff' ? retryAfter(ending) : undefined;
    return retryAfterMs === undefined ? verdict : { ...verdict, retryAfterMs };
  }
  if (ending.missing.length > 0) return failed('output', `did not produce ${ending.missing.join(', ')}`);
  return { kind: 'succeeded' };
}

function classOfExitCode(code: number, tail: string, failCodes: readonly number[]): FailureClass {
  if (failCodes.includes(code)) return 'declared';
  if (code === 126 || code === 127) return 'definition';
  if (code === 137 || OUT_OF_MEMORY.test(tail)) return 'memory';
  return OVERLOADED.test(tail) ? 'backoff' : 'exit_code';
}

const RETRY_AFTER =
  /\bretry[- ]after["']?\s*[:=]?\s*["']?(\d{1,6}(?![\d:])|[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT)/i;
/** Whoever asks for more is not believed. */
const LONGEST_WAIT_MS = 3_600_000;

/** What the far end asked to wait, in the header's form (seconds or a date) as a command has printed it. */
function retryAfter({ tail, endedAt }: Ending): number | undefined {
  const written = RETRY_AFTER.exec(tail)?.[1];
  if (written === undefined) return undefined;
  const ms = /^\d+$/.test(written) ? Number(written) * 1_000 : (parseTime(written) ?? endedAt) - endedAt;
  return Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
}

function failed(failureClass: FailureClass, reason: string): Extract<Verdict, { kind: 'failed' }> {
  return { kind: 'failed', class: failureClass, reason };
}

function because(what: string, { tail }: Ending, failureClass: FailureClass): string {
  const line = (failureClass === 'memory' ? memoryLine(tail) : null) ?? lastLine(tail);
  return line === null ? what : `${what}: ${line}`;
}

/** A program may say more after it has told of the memory. */
function memoryLine(tail: string): string | null {
  return lastLine(tail.split('\n').findLast((line) => OUT_OF_MEMORY.test(line)) ?? '');
}

function lastLine(tail: string): string | null {
  const line = tail.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? null : line.slice(0, 300);
}

/** What the task has behind it when the decision is made; the failure at hand is not yet counted. */
interface FailureHistory {
  readonly failures: number;
  readonly freeAttempts: number;
  /** Earlier attempts of this task that ran past their timeout. */
  readonly timeouts: number;
  /** Charged to the attempt; 0 where none is charged. */
  readonly memoryBytes: number;
}

interface RetryRules {
  /** Further attempts after the first. */
  readonly retries: number;
  /** The most that any device gives to one task; null when nobody can say. */
  readonly largestBytes: number | null;
  /** What the far end asked us to wait, when it did. */
  readonly retryAfterMs?: number;
}

export type FailureDecision =
  | {
      readonly kind: 'retry';
      readonly free: boolean;
      readonly delayMs: number;
      /** For the next attempt; absent: as much as before. */
      readonly memoryBytes?: number;
    }
  | { readonly kind: 'fail'; readonly because?: string };

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
      return memoryRetry(history, rules, random);
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
}

const PATIENT: Pace = { baseMs: 1_000, capMs: 60_000 };
const OVERLOAD: Pace = { baseMs: 5_000, capMs: 300_000 };

/** Half as much again, up to what the largest device has; with nothing larger left it is no use to try. */
function memoryRetry(history: FailureHistory, rules: RetryRules, random: Random): FailureDecision {
  const { memoryBytes } = history;
  const wanted = Math.round(memoryBytes * MEMORY_GROWTH);
  const { largestBytes } = rules;
  if (memoryBytes > 0 && largestBytes !== null && memoryBytes >= largestBytes) {
    const sum = `${megabytes(memoryBytes)} were charged, ${megabytes(wanted)} would be next, and no device gives a task more than ${megabytes(largestBytes)}`;
    return { kind: 'fail', because: sum };
  }
  const retry = budgetRetry(history, rules, PATIENT, random);
  if (retry.kind === 'fail' || memoryBytes === 0) return retry;
  return { ...retry, memoryBytes: Math.min(wanted, largestBytes ?? wanted) };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function budgetRetry(history: FailureHistory, rules: RetryRules, pace: Pace, random: Random): FailureDecision {
  if (history.failures >= rules.retries) return FAIL;
  const delayMs = Math.max(rules.retryAfterMs ?? 0, delayBefore(history.failures, pace, random));
  return { kind: 'retry', free: false, delayMs };
}

/** The first free retry is at once: what failed was not the task. */
function freeRetry(history: FailureHistory, random: Random): FailureDecision {
  if (history.freeAttempts >= POISON_LIMIT) return FAIL;
  const delayMs = history.freeAttempts === 0 ? 0 : delayBefore(history.freeAttempts - 1, PATIENT, random);
  return { kind: 'retry', free: true, delayMs };
}

/** Doubles with every earlier try, bounded, and spread over its upper half. */
function delayBefore(earlier: number, pace: Pace, random: Random): number {
  return Math.round(Math.min(pace.capMs, pace.baseMs * 2 ** earlier) * (0.5 + random() / 2));
}
