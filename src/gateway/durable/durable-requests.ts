/**
 * Tasks of the native API: accepted once they are written down, run through the gateway's own queue, read by whoever
 * comes back, cancelled, and taken up again by the next controller. The row is the truth; what is live is its mirror.
 */

import { AppError } from '../../contract/errors.ts';
import type { PreparationStep, TaskEvent } from '../../contract/index.ts';
import { createTurns } from '../../kernel/index.ts';
import { findDurableRequest, keptEvents, listDurableRequests } from '../../store/index.ts';
import type { DurableFilter, DurableRecord } from '../../store/index.ts';
import type { Holder } from '../door/holders.ts';
import { unwriteTask, writeTask } from './acceptance.ts';
import type { TaskOrder, Written } from './acceptance.ts';
import type { DurableDeps } from './durable-deps.ts';
import type { LiveRequest } from './live-request.ts';
import { LiveRequests } from './live-requests.ts';
import { readLive } from './reading.ts';
import { keepForgetting } from './retention.ts';
import { createSessions } from './sessions.ts';
import type { Sessions } from './sessions.ts';
import { takeUpAll } from './take-up.ts';

/** A task as it is now. */
export interface SeenTask {
  readonly record: DurableRecord;
  /** Null once it has ended. */
  readonly live: LiveRequest | null;
}

export interface DurableRequests {
  readonly sessions: Sessions;
  /**
   * Resolves when the task is written down and waits or runs. Rejects with what refuses it at once: MODEL_NOT_FOUND,
   * QUEUE_FULL, RATE_LIMITED, BUDGET_EXCEEDED, IDEMPOTENCY_CONFLICT …; then there is no task.
   */
  accept(order: TaskOrder, holder: Holder | null): Promise<SeenTask>;
  /** Null when there is none of this id. */
  find(id: string): Promise<SeenTask | null>;
  /** Newest first. */
  list(filter: DurableFilter): Promise<readonly SeenTask[]>;
  /** What is known of its stream by now. */
  events(task: SeenTask): Promise<readonly TaskEvent[]>;
  /** Behind the id, to the last; an empty list now and then while nothing happens. */
  read(task: SeenTask, afterId: number, signal: AbortSignal): AsyncGenerator<readonly TaskEvent[]>;
  /** Resolves when its end is written down; false when it had ended before. */
  cancel(task: SeenTask, by: string): Promise<boolean>;
  /** What has to be done before a request of the model can start. */
  preparation(model: string): readonly PreparationStep[];
  /** Takes up what an earlier controller left open. Everything else waits for it. */
  resume(signal: AbortSignal): Promise<void>;
  /** What is open from now on is the next controller's. */
  close(): void;
}

export function createDurableRequests(deps: DurableDeps): DurableRequests {
  const { store, clock, gateway, random } = deps;
  const live = new LiveRequests(deps);
  const inTurn = createTurns();
  let isResumed: () => void = () => {};
  const resumed = new Promise<void>((resolve) => (isResumed = resolve));

  const seen = (record: DurableRecord): SeenTask => ({ record, live: live.find(record.id) });

  async function accept(order: TaskOrder, holder: Holder | null): Promise<SeenTask> {
    await resumed;
    const written = await store.write((tx) => writeTask(tx, order, random));
    return written.isKnown ? seen(written.record) : begin(written, holder);
  }

  async function begin({ record }: Written, holder: Holder | null): Promise<SeenTask> {
    const request = live.add(record);
    const admission = await request.begin(holder);
    if (admission.kind === 'admitted') return { record, live: request };
    live.drop(record.id);
    await store.write((tx) => unwriteTask(tx, record, admission.error));
    throw admission.error;
  }

  return {
    sessions: createSessions(deps),
    accept: (order, holder) =>
      order.idempotencyKey === null
        ? accept(order, holder)
        : inTurn(`${order.owner} ${order.idempotencyKey}`, () => accept(order, holder)),
    async find(id) {
      await resumed;
      const record = live.find(id)?.record ?? (await store.read((db) => findDurableRequest(db, id)));
      return record === null ? null : seen(record);
    },
    async list(filter) {
      await resumed;
      return (await store.read((db) => listDurableRequests(db, filter))).map(seen);
    },
    events: async (task) => task.live?.log.events ?? store.read((db) => keptEvents(db, task.record.id)),
    async *read(task, afterId, signal) {
      if (task.live !== null) return yield* readLive(task.live, { afterId, clock, signal });
      const kept = await store.read((db) => keptEvents(db, task.record.id));
      const behind = kept.filter(({ id }) => (id ?? 0) > afterId);
      if (behind.length > 0) yield behind;
    },
    async cancel(task, by) {
      if (task.live === null) return false;
      const isCancelled = task.live.cancel(new AppError('ABORTED', `the task was cancelled by ${by}`));
      await task.live.ended;
      return isCancelled;
    },
    preparation(model) {
      const sleeper = gateway.sleeperOf(model);
      if (sleeper === null) return [];
      const load: PreparationStep = { step: 'load', name: sleeper.name };
      const isThere = sleeper.kind === 'instance' || deps.isDownloaded(sleeper.name);
      return isThere ? [load] : [{ step: 'download', name: sleeper.name }, load];
    },
    async resume(signal) {
      await takeUpAll(live, deps);
      isResumed();
      await keepForgetting(deps, signal);
    },
    close: () => live.close(),
  };
}
