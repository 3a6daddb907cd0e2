/**
 * The brain's shell: the turn loop, the errands that follow each turn, and the views, put together behind one face.
 * What is decided, and how it is stored, is in the files that a turn calls; nothing here knows a rule.
 */

import type { AttemptRef, BatchSummaryView } from '../contract/index.ts';
import { createScope } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import { bumpEpoch } from '../store/index.ts';
import type { Brain, BrainDeps } from './brain-api.ts';
import { createResultCache } from './cache/result-cache.ts';
import { createCourseFace } from './course/face.ts';
import { checkPlan } from './submission/check-plan.ts';
import { createErrands } from './errands/errands.ts';
import { createDelivery } from './escalations/delivery.ts';
import { createEscalationFace } from './escalations/face.ts';
import { createHistory } from './history/history.ts';
import { withOwnLoads } from './placement/own-loads.ts';
import { createPlacements } from './placement/placements.ts';
import { createSignalFace } from './signals/signal-face.ts';
import { createProgressView } from './progress/progress-view.ts';
import { submitPlan } from './submission/submission.ts';
import { createTurnLoop } from './turn/turn-loop.ts';
import type { TurnLoop } from './turn/turn-loop.ts';
import { createViews } from './views.ts';
import type { Views } from './views.ts';

/** A kill answers at the latest then, even when an agent is away. */
const KILL_ANSWER_MS = 10_000;

export function createBrain(given: BrainDeps): Brain {
  const deps = { ...given, inference: withOwnLoads(given.inference, (model) => placements.isLeftToRequests(model)) };
  const { store, log } = deps;
  const scope = createScope((error) => log.error({ err: error }, 'brain task failed'));
  const history = createHistory(deps);
  const ends = createEndWaiters();
  const cache = createResultCache({
    ...deps,
    modelDigest: async (model) => (await deps.catalogue.modelDigest?.(model)) ?? null,
  });
  const runErrands = createErrands({
    ...deps,
    cache,
    scope,
    loop: () => loop,
    onRan: (model, ms) => placements.noteRun(model, ms),
    onBatchEnded(batchId) {
      scope.run(() => history.tell(batchId));
      ends.tell(batchId);
    },
  });
  const placements = createPlacements({ ...deps, scope, book: () => loop.book });
  const loop = createTurnLoop({
    ...deps,
    perform(effects) {
      runErrands(effects);
      placements.look();
    },
  });
  const course = createCourseFace({ store, loop: () => loop, views: () => views });
  const delivery = createDelivery({ ...deps, scope, loop: () => loop });
  const views = createViews({ ...deps, book: () => loop.book, placing: (model) => placements.placing(model) });

  return {
    async start() {
      await placements.start();
      await loop.load(await store.write((tx) => bumpEpoch(tx, 'controller')));
      await loop.ask<void>((reply) => ({ kind: 'recover', reply }));
      scope.run(() => history.start(scope));
      delivery.start();
    },
    async stop() {
      await loop.stop();
      await scope.close();
    },
    epoch: () => loop.book.epoch,

    async submit(request) {
      const resumed = await course.resumeBy(request);
      if (resumed !== null) return { kind: 'accepted', view: await views.submitView(resumed), created: false };
      const submission = await submitPlan(request, {
        ...deps,
        admit: (admission) => loop.ask((reply) => ({ kind: 'admit', admission, reply })),
      });
      if (submission.kind === 'invalid') return submission;
      const { batchId, created, warnings } = submission;
      return { kind: 'accepted', view: await views.submitView(batchId, warnings), created };
    },
    pause: course.pause,
    resume: course.resume,
    retry: course.retry,
    kill: (batchId) => kill(batchId, { loop, views, ends, clock: deps.clock }),

    ...agentEvents(loop),
    onInferenceChanged: () => loop.post({ kind: 'look' }),

    listBatches: views.listBatches,
    showBatch: views.showBatch,
    listTasks: views.listTasks,
    showTask: views.showTask,
    summary: history.summary,
    planHistory: history.ofPlan,
    lint: (request) => checkPlan(request, deps),
    progress: createProgressView(deps),
    overview: views.overview,
    ...createSignalFace({ views, loop }),
    ...createEscalationFace({ store, loop }),
  };
}

type AgentEvents = Pick<Brain, 'onHello' | 'onStarted' | 'onDeclined' | 'onOutcomes' | 'onDevices' | 'onAgentLost'>;

function agentEvents(loop: TurnLoop): AgentEvents {
  return {
    onHello(hello) {
      const { hosts } = loop.book;
      const typicalMs = hosts.get(hello.host)?.typicalMs ?? null;
      const host = { epoch: hello.epoch, settled: false, typicalMs, closed: new Set<string>() };
      hosts.set(hello.host, host);
      return loop.ask((reply) => ({ kind: 'hello', hello, host, reply }));
    },
    onStarted: (host, report) => loop.post({ kind: 'started', host, report }),
    onDeclined: (host, report) => loop.post({ kind: 'declined', host, report }),
    onOutcomes: (host, outcomes) => loop.ask<AttemptRef[]>((reply) => ({ kind: 'outcomes', host, outcomes, reply })),
    onDevices: (host) => loop.post({ kind: 'devices', host }),
    onAgentLost(host) {
      const state = loop.book.hosts.get(host);
      if (state) state.settled = false;
      return loop.ask<void>((reply) => ({ kind: 'agent-lost', host, state, reply }));
    },
  };
}

interface KillContext {
  readonly loop: TurnLoop;
  readonly views: Views;
  readonly ends: EndWaiters;
  readonly clock: Clock;
}

async function kill(batchId: string, { loop, views, ends, clock }: KillContext): Promise<BatchSummaryView> {
  await views.requireBatch(batchId);
  using end = ends.wait(batchId);
  await loop.ask<void>((reply) => ({ kind: 'kill', batchId, reply }));
  const patience = new AbortController();
  if (loop.book.batches.has(batchId)) {
    await Promise.race([end.told, clock.sleep(KILL_ANSWER_MS, patience.signal).catch(() => {})]);
  }
  patience.abort();
  return views.summaryView(batchId);
}

interface EndWaiter extends Disposable {
  /** Resolves at the end of the batch, if that comes before whoever waits has gone. */
  readonly told: Promise<void>;
}

interface EndWaiters {
  wait(batchId: string): EndWaiter;
  tell(batchId: string): void;
}

function createEndWaiters(): EndWaiters {
  const waiters = new Set<{ readonly batchId: string; readonly resolve: () => void }>();
  return {
    wait(batchId) {
      let resolve = (): void => {};
      const told = new Promise<void>((end) => (resolve = end));
      const waiter = { batchId, resolve };
      waiters.add(waiter);
      return { told, [Symbol.dispose]: () => void waiters.delete(waiter) };
    },
    tell(batchId) {
      for (const waiter of waiters) if (waiter.batchId === batchId) waiter.resolve();
    },
  };
}
