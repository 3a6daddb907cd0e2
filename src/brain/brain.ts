/**
 * The brain's shell: a mailbox whose every turn is one transaction, and the effects that follow its commit. What is
 * decided, and how it is stored, is in the files that a turn calls; nothing here knows a rule.
 */

import type { AttemptRef, BatchSummaryView, Grant } from '../contract/index.ts';
import { assertNever, createMailbox, createScope } from '../kernel/index.ts';
import type { Scope } from '../kernel/index.ts';
import { bumpEpoch } from '../store/index.ts';
import { attemptDir } from './active-batch.ts';
import type { Brain, BrainDeps } from './brain-api.ts';
import { createBook } from './book.ts';
import type { Book, Known, SlotWait } from './book.ts';
import { keepSummaries } from './keep-summaries.ts';
import type { Message, Reply } from './messages.ts';
import { runTurn } from './messages.ts';
import { callModel } from './model-call.ts';
import type { SlotLease } from './ports.ts';
import { readList } from './read-list.ts';
import { loadBook } from './recovery.ts';
import { submitPlan } from './submission.ts';
import { createTurn, keyOf } from './turn.ts';
import type { Effect } from './turn.ts';
import { createViews } from './views.ts';

/** A kill answers at the latest then, even when an agent is away. */
const KILL_ANSWER_MS = 10_000;

/** Before a task that could not have a slot asks again. */
const SLOT_RETRY_MS = 1_000;

export function createBrain(deps: BrainDeps): Brain {
  const { store, agents, inference, clock, log } = deps;
  const scope: Scope = createScope((error) => log.error({ err: error }, 'brain task failed'));
  const slots = new Map<string, SlotLease>();
  const calls = new Map<string, AbortController>();
  const endWaiters = new Map<string, Set<() => void>>();
  let book: Book = createBook({ epoch: 0, hosts: new Map(), acquiring: new Map<number, SlotWait>() });
  let posted: Message[] = [];
  let alarm: Disposable | null = null;
  const views = createViews({ store, book: () => book, agents, inference });
  const summaries = keepSummaries({ store, clock, log });

  // ---- turns --------------------------------------------------------------------------------------------------

  /** Everything posted while a turn runs is the next turn. */
  const turns = createMailbox<'turn'>(
    () => takeTurn(posted.splice(0)),
    (error) => log.error({ err: error }, 'brain turn failed'),
  );

  function post(message: Message): void {
    posted.push(message);
    if (posted.length === 1) turns.post('turn');
  }

  function ask<T>(make: (reply: Reply<T>) => Message): Promise<T> {
    return new Promise((resolve, reject) => post(make({ resolve, reject })));
  }

  async function takeTurn(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    try {
      await commitTurn(messages);
    } catch (error) {
      await recoverFrom(error, messages);
    }
    setAlarm();
  }

  async function commitTurn(messages: readonly Message[]): Promise<void> {
    const effects = await store.write(async (tx) => {
      const turn = createTurn(tx, book, deps);
      await runTurn(turn, messages);
      return turn.effects;
    });
    perform(effects);
  }

  /** The store has nothing of the turn, so the book must not either. One bad message must not spoil the others. */
  async function recoverFrom(error: unknown, messages: readonly Message[]): Promise<void> {
    log.error({ err: error, messages: messages.map(({ kind }) => kind) }, 'brain turn undone');
    book = await store.read((db) => loadBook(db, book, { inherited: false }));
    const [only] = messages;
    if (messages.length > 1) {
      for (const message of messages) await takeTurn([message]);
    } else if (only && 'reply' in only) only.reply.reject(error);
  }

  function setAlarm(): void {
    alarm?.[Symbol.dispose]();
    const next = book.backoff.peek();
    alarm = next ? clock.after(Math.max(0, next.at - clock.now()), () => post({ kind: 'look' })) : null;
  }

  // ---- effects ------------------------------------------------------------------------------------------------

  function perform(effects: readonly Effect[]): void {
    const grants = new Map<string, Grant[]>();
    for (const effect of effects) {
      if (effect.kind === 'grant') grants.set(effect.host, [...(grants.get(effect.host) ?? []), effect.grant]);
      else performOne(effect);
    }
    for (const [host, given] of grants) {
      // A hello that has come meanwhile knows nothing of these: its turn takes them back.
      if (book.hosts.get(host)?.settled) agents.grant(host, given);
    }
  }

  function performOne(effect: Exclude<Effect, { kind: 'grant' }>): void {
    switch (effect.kind) {
      case 'signal':
        return agents.signal(effect.host, effect.attempt, 'abort');
      case 'generate':
        return scope.run(() => generate(effect.known, effect.rendered));
      case 'acquire':
        return scope.run(() => acquire(effect.id, effect.model));
      case 'cancel-acquire':
        return book.acquiring.get(effect.id)?.abort.abort();
      case 'keep-slot':
        return void slots.set(effect.key, effect.slot);
      case 'drop-slot':
        return effect.slot.release();
      case 'read-list':
        return scope.run(() => expand(effect.known));
      case 'abort':
        return calls.get(effect.key)?.abort();
      case 'closed':
        return letGo(effect.key);
      case 'batch-ended':
        return onBatchEnded(effect.batchId);
      case 'answer':
        return effect.tell();
      case 'host-settled':
        effect.host.settled = true;
        return post({ kind: 'look' });
      default:
        return assertNever(effect);
    }
  }

  async function generate(known: Known, task: Extract<Effect, { kind: 'generate' }>['rendered']): Promise<void> {
    const { id, batch, name } = known;
    const no = known.task.attempt;
    const key = keyOf(known);
    const abort = new AbortController();
    calls.set(key, abort);
    const signal = AbortSignal.any([abort.signal, scope.signal]);
    const call = { task, batchPath: batch.builtins.batchPath, dir: attemptDir(batch, name, no), signal };
    const end = await callModel(call, { inference, clock });
    if (!scope.signal.aborted) post({ kind: 'called', id, no, end });
  }

  async function acquire(id: number, model: string): Promise<void> {
    const abort = new AbortController();
    book.acquiring.set(id, { model, abort });
    const signal = AbortSignal.any([abort.signal, scope.signal]);
    try {
      const slot = await inference.acquireSlot({ model, class: 'batch', signal });
      await ask<void>((reply) => ({ kind: 'slot', id, slot, reply })).catch((error: unknown) => {
        slot.release();
        throw error;
      });
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, model }, 'no slot for a task');
      await clock.sleep(SLOT_RETRY_MS, signal).catch(() => {});
      post({ kind: 'no-slot', id });
    }
  }

  async function expand(known: Known): Promise<void> {
    const no = known.task.attempt;
    post({ kind: 'list', id: known.id, no, expansion: await readList(known) });
  }

  function letGo(key: string): void {
    slots.get(key)?.release();
    slots.delete(key);
    calls.delete(key);
  }

  function onBatchEnded(batchId: string): void {
    scope.run(() => summaries.write(batchId));
    for (const tell of endWaiters.get(batchId) ?? []) tell();
    endWaiters.delete(batchId);
  }

  // ---- the face -----------------------------------------------------------------------------------------------

  async function start(): Promise<void> {
    const epoch = await store.write((tx) => bumpEpoch(tx, 'controller'));
    book = await store.read((db) => loadBook(db, { ...book, epoch }, { inherited: true }));
    await ask<void>((reply) => ({ kind: 'recover', reply }));
    scope.run(() => summaries.writeMissing());
  }

  async function kill(batchId: string): Promise<BatchSummaryView> {
    await views.requireBatch(batchId);
    const ended = new Promise<void>((resolve) => {
      const waiters = endWaiters.get(batchId) ?? new Set();
      endWaiters.set(batchId, waiters.add(resolve));
    });
    await ask<void>((reply) => ({ kind: 'kill', batchId, reply }));
    const timeout = new AbortController();
    if (book.batches.has(batchId)) {
      await Promise.race([ended, clock.sleep(KILL_ANSWER_MS, timeout.signal).catch(() => {})]);
    }
    timeout.abort();
    return views.summaryView(batchId);
  }

  return {
    start,
    async stop() {
      await turns.idle();
      turns.close();
      alarm?.[Symbol.dispose]();
      await scope.close();
    },
    epoch: () => book.epoch,

    async submit(request) {
      const submission = await submitPlan(request, {
        ...deps,
        admit: (admission) => ask((reply) => ({ kind: 'admit', admission, reply })),
      });
      if (submission.kind === 'invalid') return submission;
      const { batchId, created } = submission;
      return { kind: 'accepted', view: await views.submitView(batchId), created };
    },
    kill,

    onHello(hello) {
      const before = book.hosts.get(hello.host);
      const host = { epoch: hello.epoch, settled: false, typicalMs: before?.typicalMs ?? null };
      book.hosts.set(hello.host, host);
      return ask((reply) => ({ kind: 'hello', hello, host, reply }));
    },
    onStarted: (host, report) => post({ kind: 'started', host, report }),
    onDeclined: (host, report) => post({ kind: 'declined', host, report }),
    onOutcomes: (host, outcomes) => ask<AttemptRef[]>((reply) => ({ kind: 'outcomes', host, outcomes, reply })),
    onDevices: () => post({ kind: 'look' }),
    onAgentLost(host) {
      const state = book.hosts.get(host);
      if (state) state.settled = false;
      return ask<void>((reply) => ({ kind: 'agent-lost', host, reply }));
    },
    onInferenceChanged: () => post({ kind: 'look' }),

    listBatches: views.listBatches,
    showBatch: views.showBatch,
    listTasks: views.listTasks,
    showTask: views.showTask,
    summary: (batchId) => summaries.render(batchId),
    overview: views.overview,
  };
}
