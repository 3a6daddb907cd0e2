/** The errors that end a request after it was let in. Pure. */

import { AppError } from '../../contract/errors.ts';
import type { RequestLife } from '../inspect/request-book.ts';
import { isEnded } from '../inspect/request-state.ts';

export function deadlineOver(ms: number): AppError {
  return new AppError('DEADLINE_EXCEEDED', `no answer within its deadline of ${ms} ms`);
}

/** Once an engine has read the prompt, asking again only has it read twice. */
export function noAnswer(ms: number, { state }: RequestLife): AppError {
  return new AppError('TIMEOUT', `no answer within ${ms} ms`, { detail: { prompt_was_read: state.kind !== 'queued' } });
}

export function engineFailed(instance: string, message: string, life: RequestLife): AppError {
  const { state } = life;
  const attempts = isEnded(state) ? 1 : state.attempts;
  return new AppError('ENGINE_FAILED', `instance "${instance}" failed: ${message}`, {
    hint: `run "drover logs ${instance}"`,
    detail: { instance, attempts },
  });
}
