/**
 * Everybody who wants a slot asks here and gets a lease or a reason. One mailbox, one writer behind it; asking, giving up
 * and giving back are messages. It decides nothing itself and calls no engine.
 */

import type { InstanceReport } from '../../contract/index.ts';
import { createMailbox } from '../../kernel/index.ts';
import type { ContextRange } from '../context/prompt.ts';
import type { Standing } from '../forecast/start-book.ts';
import type { Breaker, CallVerdict } from '../placing/breaker.ts';
import { contextRangeOf } from '../placing/capacity.ts';
import type { DecisionLine } from '../placing/decisions.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { readyEngine } from '../placing/ready-engine.ts';
import type { Wanted } from '../placing/targets.ts';
import type { ModelCapacity } from '../types.ts';
import type { WakeCourse } from '../waking/wake-calls.ts';
import type { DispatcherPicture, Message, SlotAnswer, SlotAsk } from './slot-asks.ts';
import { SlotOwner } from './slot-owner.ts';
import type { SlotOwnerDeps } from './slot-owner.ts';

export type { DispatcherPicture, InstanceLease, SlotAnswer, SlotAsk } from './slot-asks.ts';

export interface Dispatcher {
  /** Resolves with a lease or a reason; an abort withdraws the ask. */
  acquire(ask: SlotAsk, signal: AbortSignal): Promise<SlotAnswer>;
  /** The instance could not be reached, or says that it is loading: it is left alone for a second. */
  suspect(instance: string): void;
  breakerOf(instance: string): Breaker['kind'];
  /** It gets nothing new until the hold is disposed of; what waits for it waits. */
  holdBack(instance: string): Disposable;
  /** Requests wait for it, or for any instance like it. */
  isWanted(instance: string): boolean;
  /** What came of a call, as far as the instance is to answer for it. */
  judge(instance: string, verdict: CallVerdict): void;
  /** Why a request went where it went, or still waits; null when nobody remembers. */
  why(id: string): readonly DecisionLine[] | null;
  /** How far that has come which has to get up for a waiting request. */
  waking(id: string): WakeCourse | null;
  setInstances(reports: readonly InstanceReport[]): void;
  onInstance(report: InstanceReport): void;
  onInstanceGone(name: string): void;
  onDirectoryChanged(): void;
  onModelChanged(model: string): void;
  /** Whether a sound instance would take it, if not now then soon. */
  hasSound(wanted: Wanted, contextTokens: number | null): boolean;
  /** Where a waiting request stands. */
  standing(id: string): Standing;
  /** Smoothed duration of one request of the model in a slot; null before the first. */
  serviceMs(model: string): number | null;
  /** An engine that serves the model right now, whatever its slots do; null when there is none. */
  readyEngine(model: string): EngineAddress | null;
  busySlots(instance: string): number;
  /** Resolves when no slot of the instance is held. */
  untilIdle(instance: string): Promise<void>;
  capacity(model: string, strained: ReadonlySet<string>): ModelCapacity;
  /** Of the instances that serve the model; null where a server that we do not configure answers, or none is known. */
  contextRange(model: string): ContextRange | null;
  reports(): ReadonlyMap<string, InstanceReport>;
  picture(): DispatcherPicture;
  /** Refuses all that waits, then everything that comes. */
  close(): void;
}

export function createDispatcher(deps: SlotOwnerDeps): Dispatcher {
  const { clock, log } = deps;
  const owner = new SlotOwner(deps, (message) => mailbox.post(message));
  const mailbox = createMailbox<Message>(
    (message) => owner.handle(message),
    (error, message) => log.error({ err: error, message: message.kind }, 'dispatcher failed on a message'),
  );
  const unanswered = new Set<(answer: SlotAnswer) => void>();
  let closed = false;

  return {
    acquire(ask, signal) {
      if (closed) return Promise.resolve({ kind: 'refused', refusal: { kind: 'closing' } });
      if (signal.aborted) return Promise.resolve({ kind: 'refused', refusal: { kind: 'withdrawn' } });
      return new Promise((resolve) => {
        const withdraw = (): void => mailbox.post({ kind: 'withdrawn', id: ask.id });
        const answer = (given: SlotAnswer): void => {
          signal.removeEventListener('abort', withdraw);
          unanswered.delete(answer);
          resolve(given);
        };
        unanswered.add(answer);
        signal.addEventListener('abort', withdraw, { once: true });
        mailbox.post({ kind: 'asked', pending: { ask, answer } });
      });
    },
    suspect: (instance) => mailbox.post({ kind: 'suspected', instance }),
    breakerOf: (instance) => owner.instances.breaker(instance, clock.monotonic()).kind,
    holdBack(instance) {
      mailbox.post({ kind: 'held-back', instance, isLeaving: true });
      return { [Symbol.dispose]: () => mailbox.post({ kind: 'held-back', instance, isLeaving: false }) };
    },
    isWanted: (instance) => owner.isWanted(instance),
    judge: (instance, verdict) => mailbox.post({ kind: 'judged', instance, verdict }),
    why: (id) => owner.views.why(id, clock.monotonic()),
    waking: (id) => owner.views.waking(id),
    setInstances: (reports) => mailbox.post({ kind: 'instances-set', reports }),
    onInstance: (report) => mailbox.post({ kind: 'instance-reported', report }),
    onInstanceGone: (name) => mailbox.post({ kind: 'instance-gone', name }),
    onDirectoryChanged: () => mailbox.post({ kind: 'directory-changed' }),
    onModelChanged: (model) => mailbox.post({ kind: 'model-changed', model }),
    hasSound: (wanted, contextTokens) => owner.views.hasSound(wanted, contextTokens, clock.monotonic()),
    standing: (id) => owner.views.standing(id, clock.monotonic()),
    serviceMs: (model) => owner.views.serviceMs(model),
    readyEngine: (model) => readyEngine(model, deps.models, owner.instances, clock.monotonic()),
    busySlots: (instance) => owner.instances.slots.busy(instance),
    untilIdle: (instance) => new Promise((answer) => mailbox.post({ kind: 'idle-awaited', instance, answer })),
    capacity: (model, strained) => owner.views.capacity(model, strained),
    contextRange: (model) =>
      contextRangeOf(
        (deps.models.resolve(model)?.instances ?? []).flatMap(({ name }) => owner.instances.reports.get(name) ?? []),
      ),
    reports: () => owner.instances.reports,
    picture: () => owner.views.picture(clock.monotonic()),
    close() {
      closed = true;
      mailbox.close();
      owner.stop();
      for (const answer of unanswered) answer({ kind: 'refused', refusal: { kind: 'closing' } });
    },
  };
}
