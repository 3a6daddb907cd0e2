/** Tasks and sessions of the native API, as they are shown. Pure. */

import type {
  AcceptedTaskView,
  InferenceSessionView,
  InferenceTaskState,
  InferenceTaskView,
  PreparationStep,
  TaskEvent,
} from '../contract/index.ts';
import { remainingOf, SESSION_IDLE_MS } from '../gateway/index.ts';
import type { SeenTask } from '../gateway/index.ts';
import { isoTime } from '../kernel/index.ts';
import type { SessionRecord } from '../store/index.ts';

export function toAcceptedView(task: SeenTask, preparation: readonly PreparationStep[]): AcceptedTaskView {
  const { position, etaMs } = task.live?.wait() ?? { position: 0, etaMs: null };
  return {
    task_id: task.record.id,
    status: stateOf(task),
    queue_position: position,
    predicted_start_ms: etaMs,
    events_url: eventsUrl(task),
    preparation: [...preparation],
  };
}

export function toTaskView(task: SeenTask): InferenceTaskView {
  const { record, live } = task;
  const { end, face } = record;
  return {
    task_id: record.id,
    owner: record.owner,
    status: stateOf(task),
    model: record.model,
    workload: face.workload,
    priority: face.priority,
    session_id: record.session,
    queue_position: live?.wait().position ?? 0,
    instance: end?.instance ?? live?.instance ?? null,
    code: end?.code ?? null,
    accepted_at: isoTime(record.acceptedAt),
    deadline_at: isoTime(record.deadlineAt),
    ended_at: isoTime(end?.at ?? null),
    tokens_in: end?.tokensIn ?? 0,
    tokens_out: end?.tokensOut ?? live?.tokensOut ?? 0,
    restarts: record.lives,
    events_url: eventsUrl(task),
  };
}

export function stateOf({ record, live }: SeenTask): InferenceTaskState {
  return record.end?.ending ?? live?.state ?? 'queued';
}

function eventsUrl({ record }: SeenTask): string {
  return `/v2/tasks/${record.id}/events`;
}

/** Made for a reader before he has taken those before. */
const FRAMES_AT_ONCE = 256;

/** As frames of a stream, a few at a time; without any a comment, so that something is heard. */
export function* toFrames(events: readonly TaskEvent[]): Generator<string> {
  if (events.length === 0) yield ': ping\n\n';
  for (let at = 0; at < events.length; at += FRAMES_AT_ONCE) {
    yield events
      .slice(at, at + FRAMES_AT_ONCE)
      .map(toFrame)
      .join('');
  }
}

function toFrame({ id, event, data }: TaskEvent): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

export function toSessionView(session: SessionRecord): InferenceSessionView {
  const left = remainingOf(session);
  return {
    session_id: session.id,
    owner: session.owner,
    turns: session.turns,
    open_turns: session.openTurns,
    tokens_used: session.tokensUsed,
    seconds_used: session.msUsed / 1_000,
    budget_tokens: session.budgetTokens,
    budget_seconds: session.budgetMs === null ? null : session.budgetMs / 1_000,
    tokens_remaining: left.tokens,
    seconds_remaining: left.ms === null ? null : left.ms / 1_000,
    created_at: isoTime(session.createdAt),
    last_used_at: isoTime(session.lastUsedAt),
    expires_at: session.openTurns > 0 ? null : isoTime(session.lastUsedAt + SESSION_IDLE_MS),
  };
}

/** What is left of each budget that there is. */
export function budgetHeaders(session: SessionRecord | null): Readonly<Record<string, string>> {
  const { tokens = null, ms = null } = session === null ? {} : remainingOf(session);
  return {
    ...(tokens === null ? {} : { 'x-budget-tokens-remaining': String(tokens) }),
    ...(ms === null ? {} : { 'x-budget-seconds-remaining': String(ms / 1_000) }),
  };
}
