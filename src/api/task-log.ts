/** The output of a task's attempt, from the files in its folder. */

import { join } from 'node:path';

import { AppError, TERMINAL_TASK_STATES, subject } from '../contract/index.ts';
import type { AttemptView, TaskDetailView } from '../contract/index.ts';
import { LOOK_BEAT_MS, readLogs } from '../kernel/index.ts';
import type { ApiDeps } from './deps.ts';
import { streamNames } from './log-query.ts';
import type { LogQuery } from './log-query.ts';

interface TaskLogQuery extends LogQuery {
  /** Absent: the latest. */
  readonly attempt?: number | undefined;
}

/** Rejects with BATCH_NOT_FOUND or TASK_NOT_FOUND. Following ends by itself when the task has ended. */
export async function taskLog(
  deps: ApiDeps,
  task: { readonly batchId: string; readonly name: string },
  query: TaskLogQuery,
): Promise<(signal: AbortSignal) => AsyncIterable<string>> {
  const detail = await deps.brain.showTask(task.batchId, task.name);
  const attempt = chooseAttempt(detail, query.attempt);
  if (attempt === null) return () => nothing();
  const follow = query.follow && !TERMINAL_TASK_STATES.has(detail.status);
  return (signal) =>
    readLogs({
      paths: streamNames(query.stream).map((name) => join(attempt.path, name)),
      tailLines: query.tail,
      follow,
      signal: follow ? AbortSignal.any([signal, afterEnd(deps, task, signal)]) : signal,
      clock: deps.clock,
    });
}

function chooseAttempt(detail: TaskDetailView, wanted: number | undefined): AttemptView | null {
  const found =
    wanted === undefined ? detail.attempt_list.at(-1) : detail.attempt_list.find((each) => each.attempt === wanted);
  if (found || wanted === undefined) return found ?? null;
  throw new AppError('TASK_NOT_FOUND', `${detail.batch_id}/${detail.id} has no attempt ${wanted}`, {
    hint: `it has ${detail.attempts}; run "drover task show ${detail.batch_id}/${detail.id}"`,
  });
}

/** Aborts two looks after the task's last fact: by then the reader has seen all that was written. */
function afterEnd(deps: ApiDeps, task: { batchId: string; name: string }, gone: AbortSignal): AbortSignal {
  const ended = new AbortController();
  const about = subject.task(task.batchId, task.name);
  const onEnd = (): void => {
    listening[Symbol.dispose]();
    deps.clock.after(2 * LOOK_BEAT_MS, () => ended.abort());
  };
  const listening = deps.store.facts.subscribe((fact) => {
    if (fact.subject === about && isEnd(fact.type)) onEnd();
  });
  // It may have ended since it was looked at, and before anybody listened; or its batch is gone.
  deps.brain.showTask(task.batchId, task.name).then(({ status }) => {
    if (TERMINAL_TASK_STATES.has(status)) onEnd();
  }, onEnd);
  gone.addEventListener('abort', () => listening[Symbol.dispose](), { once: true });
  return ended.signal;
}

function isEnd(type: string): boolean {
  return ['task.succeeded', 'task.failed', 'task.cancelled', 'task.aborted', 'task.skipped'].includes(type);
}

async function* nothing(): AsyncGenerator<string> {}
