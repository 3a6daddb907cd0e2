/** The part of the client that is about batches, their tasks, and the questions that they raise. */

import type { EscalationView } from '../../contract/escalations.ts';
import type { SubmitView } from '../../contract/plans.ts';
import type { BatchProgressView } from '../../contract/progress.ts';
import type { RunSummary } from '../../contract/run-summary.ts';
import type {
  BatchDetailView,
  BatchSummaryView,
  RetryRequest,
  TaskDetailView,
  TaskView,
} from '../../contract/tasks.ts';
import type { TaskClass, TaskState } from '../../contract/words.ts';
import { query } from './calls.ts';
import type { Calls } from './calls.ts';
import { logQuery } from './logs.ts';
import type { LogRequest } from './logs.ts';

export interface SubmitBody {
  /** Absolute path of the plan folder on the controller's host. */
  readonly folder: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly priority?: 'low' | 'normal' | 'high' | 'urgent' | number;
  readonly idempotency_key?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TaskFilter {
  readonly states?: readonly TaskState[] | undefined;
  readonly classes?: readonly TaskClass[] | undefined;
  /** So many at most; absent: all. */
  readonly limit?: number | undefined;
}

/** Tasks that are asked for at a time. */
const PAGE = 5_000;

export interface BatchClient {
  submit(body: SubmitBody): Promise<SubmitView>;
  batches(): Promise<readonly BatchSummaryView[]>;
  /** With so many of its tasks; absent: a thousand. */
  batch(id: string, limit?: number): Promise<BatchDetailView>;
  killBatch(id: string): Promise<BatchSummaryView>;
  pauseBatch(id: string): Promise<BatchSummaryView>;
  resumeBatch(id: string): Promise<BatchSummaryView>;
  retryBatch(id: string, request: RetryRequest): Promise<BatchSummaryView>;
  /** RUN_SUMMARY.md. */
  batchSummary(id: string): Promise<string>;
  /** RUN_SUMMARY.json. */
  runSummary(id: string): Promise<RunSummary>;
  batchProgress(id: string): Promise<BatchProgressView>;
  /** The folder of a batch as a tar. */
  exportBatch(id: string): AsyncGenerator<Uint8Array>;

  /** Page by page. */
  tasks(batchId: string, filter?: TaskFilter): Promise<readonly TaskView[]>;
  task(batchId: string, task: string): Promise<TaskDetailView>;
  /** What runs is told, anything else ends now. */
  signalTask(batchId: string, task: string, signal: 'stop' | 'abort' | 'kill'): Promise<TaskDetailView>;
  taskLogs(
    batchId: string,
    task: string,
    options?: LogRequest & { readonly attempt?: number | undefined },
  ): AsyncGenerator<string>;

  escalations(filter?: { readonly status?: 'open' | 'all' }): Promise<readonly EscalationView[]>;
  escalation(id: string): Promise<EscalationView>;
  answerEscalation(id: string, answer: string): Promise<EscalationView>;
}

export function createBatchClient({ call, stream, bytes }: Calls): BatchClient {
  return {
    submit: (body) => call('POST', '/v2/batches', body),
    batches: () => call('GET', '/v2/batches'),
    batch: (id, limit) => call('GET', `${batchPath(id)}${query({ limit })}`),
    killBatch: (id) => call('POST', `${batchPath(id)}/kill`),
    pauseBatch: (id) => call('POST', `${batchPath(id)}/pause`),
    resumeBatch: (id) => call('POST', `${batchPath(id)}/resume`),
    retryBatch: (id, request) => call('POST', `${batchPath(id)}/retry`, request),
    batchSummary: (id) => whole(stream(`${batchPath(id)}/summary`)),
    runSummary: (id) => call('GET', `${batchPath(id)}/summary?format=json`),
    batchProgress: (id) => call('GET', `${batchPath(id)}/progress`),
    exportBatch: (id) => bytes(`${batchPath(id)}/export`),

    async tasks(id, { states, classes, limit = Infinity } = {}) {
      const wanted = { state: states?.join(','), class: classes?.join(',') };
      const tasks: TaskView[] = [];
      while (tasks.length < limit) {
        const size = Math.min(PAGE, limit - tasks.length);
        const asked = query({ ...wanted, after: tasks.at(-1)?.id, limit: size });
        const page = await call<readonly TaskView[]>('GET', `${batchPath(id)}/tasks${asked}`);
        for (const task of page) tasks.push(task);
        if (page.length < size) break;
      }
      return tasks;
    },
    task: (id, task) => call('GET', taskPath(id, task)),
    signalTask: (id, task, signal) => call('POST', `${taskPath(id, task)}/signal`, { signal }),
    taskLogs: (id, task, logs = {}) =>
      stream(`${taskPath(id, task)}/logs${logQuery(logs, { attempt: logs.attempt })}`, logs.signal),

    escalations: (filter = {}) => call('GET', `/v2/escalations${query(filter)}`),
    escalation: (id) => call('GET', escalationPath(id)),
    answerEscalation: (id, answer) => call('POST', `${escalationPath(id)}/answer`, { answer }),
  };
}

async function whole(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

function batchPath(id: string): string {
  return `/v2/batches/${encodeURIComponent(id)}`;
}

function taskPath(batchId: string, task: string): string {
  return `${batchPath(batchId)}/tasks/${encodeURIComponent(task)}`;
}

function escalationPath(id: string): string {
  return `/v2/escalations/${encodeURIComponent(id)}`;
}
