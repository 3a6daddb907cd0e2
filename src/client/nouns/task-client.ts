/** The part of the client that is about tasks of the native API, their sessions, and artifacts. */

import type { InferenceSessionView, SessionBudgetRequest } from '../../contract/inference-sessions.ts';
import type {
  AcceptedTaskView,
  InferenceTaskDetailView,
  InferenceTaskRequest,
  InferenceTaskState,
  InferenceTaskView,
  TaskEvent,
} from '../../contract/inference-tasks.ts';
import { acrossCuts } from '../streams/across-cuts.ts';
import { query } from './calls.ts';
import type { CallPorts, Calls } from './calls.ts';
import { readChunks } from '../transport/response.ts';
import { createSseParser } from '../streams/sse.ts';
import type { ServerSentEvent } from '../streams/sse.ts';

export interface InferenceTaskFilter {
  readonly status?: InferenceTaskState | undefined;
  readonly model?: string | undefined;
  readonly session_id?: string | undefined;
  readonly limit?: number | undefined;
}

export interface TaskReading {
  /** Begin behind this event; absent: with the first. */
  readonly after?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface TaskClient {
  /** Resolves once it is durable. The same `idempotencyKey` gives the same task. */
  createTask(
    request: InferenceTaskRequest,
    options?: { readonly idempotencyKey?: string | undefined },
  ): Promise<AcceptedTaskView>;
  /** Newest first. */
  inferenceTasks(filter?: InferenceTaskFilter): Promise<readonly InferenceTaskView[]>;
  inferenceTask(id: string): Promise<InferenceTaskDetailView>;
  /** To its one `end` or `error`, across cuts of the connection and restarts of the controller, each event once. */
  streamTask(id: string, reading?: TaskReading): AsyncGenerator<TaskEvent>;
  /** Resolves when no token follows any more. */
  cancelTask(id: string): Promise<InferenceTaskView>;

  inferenceSessions(): Promise<readonly InferenceSessionView[]>;
  inferenceSession(id: string): Promise<InferenceSessionView>;
  setSessionBudget(id: string, budget: SessionBudgetRequest): Promise<InferenceSessionView>;
  removeSession(id: string): Promise<void>;
}

type StreamPorts = Pick<CallPorts, 'transport' | 'wait'>;

export function createTaskClient({ call, send }: Calls, ports: StreamPorts): TaskClient {
  return {
    createTask: (body, { idempotencyKey } = {}) =>
      send({
        method: 'POST',
        path: '/v2/tasks',
        body,
        ...(idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': idempotencyKey } }),
      }),
    inferenceTasks: (filter = {}) => call('GET', `/v2/tasks${query({ ...filter })}`),
    inferenceTask: (id) => call('GET', pathOf(id)),
    streamTask: (id, reading = {}) => streamTask(id, reading, ports),
    cancelTask: (id) => call('POST', `${pathOf(id)}/cancel`),
    inferenceSessions: () => call('GET', '/v2/sessions'),
    inferenceSession: (id) => call('GET', sessionPath(id)),
    setSessionBudget: (id, budget) => call('PUT', sessionPath(id), budget),
    removeSession: (id) => call('DELETE', sessionPath(id)),
  };
}

async function* streamTask(id: string, reading: TaskReading, ports: StreamPorts): AsyncGenerator<TaskEvent> {
  let after = reading.after ?? 0;
  let isOver = false;
  const { signal } = reading;
  const read = (): AsyncGenerator<TaskEvent> => readTask(id, { after, signal }, ports, () => (isOver = true));
  for await (const event of acrossCuts(read, { wait: ports.wait, signal, isOver: () => isOver })) {
    after = event.id ?? after;
    isOver = event.event === 'end' || event.event === 'error';
    yield event;
  }
}

/** `onNothing`: there is nothing behind the event that was read last. */
async function* readTask(
  id: string,
  { after, signal }: TaskReading,
  { transport }: StreamPorts,
  onNothing: () => void,
): AsyncGenerator<TaskEvent> {
  const headers = { accept: 'text/event-stream', 'last-event-id': String(after) };
  const reply = await transport({ method: 'GET', path: `${pathOf(id)}/events`, headers, signal });
  const parser = createSseParser();
  try {
    if (reply.status === 204) return onNothing();
    for await (const chunk of readChunks(reply)) yield* parser.feed(chunk).map(toEvent);
  } finally {
    reply.close();
  }
}

/** The controller is of the same release and speaks the contract. */
function toEvent({ id, event, data }: ServerSentEvent): TaskEvent {
  return { id: id === null ? null : Number(id), event, data: JSON.parse(data) as unknown } as TaskEvent;
}

function pathOf(id: string): string {
  return `/v2/tasks/${encodeURIComponent(id)}`;
}

function sessionPath(id: string): string {
  return `/v2/sessions/${encodeURIComponent(id)}`;
}
