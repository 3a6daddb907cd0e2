/** Tasks between their rows and the shape that decisions are made on. */

import type { TaskState } from '../../contract/index.ts';
import type { TaskChange, TaskExpectation, TaskRecord } from '../../store/index.ts';
import { holderOf } from './task-state.ts';
import type { EndState, Task, TaskStatus } from './task-state.ts';

export function toTask(row: TaskRecord): Task {
  return {
    id: row.id,
    batchId: row.batch_id,
    name: row.name,
    attempt: row.attempt,
    failures: row.failures,
    freeAttempts: row.free_attempts,
    memoryBytes: row.memory_bytes,
    reason: row.reason,
    status: toStatus(row),
  };
}

function toStatus(row: TaskRecord): TaskStatus {
  switch (row.state) {
    case 'waiting':
    case 'parked':
      return { kind: row.state };
    case 'ready':
      return { kind: 'ready', since: row.ready_at ?? 0 };
    case 'backoff':
      return { kind: 'backoff', until: row.ready_at ?? 0 };
    case 'leased':
      return { kind: 'leased', holder: holder(row) };
    case 'running':
      return { kind: 'running', holder: holder(row), device: row.device, pid: row.pid, startedAt: row.started_at ?? 0 };
    default:
      return { kind: 'ended', as: row.state, at: row.ended_at ?? 0 };
  }
}

function holder(row: TaskRecord): { readonly agent: string; readonly epoch: number } {
  if (row.agent === null || row.agent_epoch === null)
    throw new Error(`task ${row.id} is ${row.state} but nobody holds it`);
  return { agent: row.agent, epoch: row.agent_epoch };
}

function stateOf(task: Task): TaskState {
  return task.status.kind === 'ended' ? task.status.as : task.status.kind;
}

export function isEndState(state: TaskState): state is EndState {
  return (
    state === 'succeeded' || state === 'failed' || state === 'aborted' || state === 'skipped' || state === 'cancelled'
  );
}

/** What a row must look like for a decision made on `task` to be applied. */
export function expectationOf(task: Task): TaskExpectation {
  return { id: task.id, state: stateOf(task), attempt: task.attempt, epoch: holderOf(task)?.epoch ?? null };
}

/** What the last attempt leaves on the row of its task, for the views. */
export interface Trace {
  readonly device: string | null;
  readonly startedAt: number | null;
  readonly exitCode: number | null;
}

export function toChange(task: Task, trace: Trace): TaskChange {
  const { status } = task;
  const held = holderOf(task);
  const running = status.kind === 'running' ? status : null;
  return {
    state: stateOf(task),
    attempt: task.attempt,
    failures: task.failures,
    free_attempts: task.freeAttempts,
    memory_bytes: task.memoryBytes,
    ready_at: status.kind === 'ready' ? status.since : status.kind === 'backoff' ? status.until : null,
    agent: held?.agent ?? null,
    agent_epoch: held?.epoch ?? null,
    device: running?.device ?? trace.device,
    pid: running?.pid ?? null,
    started_at: running?.startedAt ?? trace.startedAt,
    ended_at: status.kind === 'ended' ? status.at : null,
    exit_code: trace.exitCode,
    reason: task.reason,
  };
}
