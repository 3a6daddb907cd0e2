/** The words for states, classes and scopes that people write, and programs too. Free of zod: the CLI loads it. */

export const TASK_TYPES = ['shell', 'generate', 'parse', 'decide', 'meta'] as const;
export type TaskType = (typeof TASK_TYPES)[number];
export const TASK_CLASSES = ['cpu', 'script', 'llm', 'meta', 'brain'] as const;
export type TaskClass = (typeof TASK_CLASSES)[number];

export const TASK_STATES = [
  'waiting',
  'ready',
  'leased',
  'running',
  'succeeded',
  'failed',
  'backoff',
  'skipped',
  'aborted',
  'cancelled',
  'parked',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

export const TERMINAL_TASK_STATES: ReadonlySet<TaskState> = new Set([
  'succeeded',
  'failed',
  'skipped',
  'aborted',
  'cancelled',
]);

export const BATCH_STATUSES = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

export const REQUEST_STATES = ['queued', 'dispatched', 'streaming', 'done', 'failed', 'cancelled', 'expired'] as const;

export const KEY_SCOPES = ['inference', 'read', 'manage'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];
