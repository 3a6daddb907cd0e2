/**
 * Tells the hooks of open escalations: from the store, so that a death in between loses none, each at least once, by one
 * controller at a time. What cannot be told waits and is tried again.
 */

import { subject } from '../../contract/index.ts';
import type { EscalationHook, EscalationView } from '../../contract/index.ts';
import type { Clock, Log, Random, Scope } from '../../kernel/index.ts';
import { claimDelivery, enterDelivery, noteDelivered, noteUndelivered, suggestAnswer } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import type { AnswerResult } from './answers.ts';
import { callHook, configuredHooks } from './hooks.ts';
import type { EscalationHooks, HookReply } from './hooks.ts';
import { viewEscalations } from './views.ts';

/** A hook that takes longer has failed. */
const HOOK_TIMEOUT_MS = 30_000;
/** Another controller may try when this one has died with it. */
const CLAIM_MS = HOOK_TIMEOUT_MS + 5_000;
const RETRY = { firstMs: 2_000, longestMs: 600_000 } as const;
/** Settings may change, and others may have died: looked at anew. */
const SWEEP_MS = 30_000;

interface DeliveryDeps {
  readonly store: Store;
  readonly hooks: () => EscalationHooks;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly scope: Scope;
  readonly loop: () => TurnLoop;
}

interface Delivery {
  /** Goes on until the scope ends. */
  start(): void;
}

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { store, clock, log, scope } = deps;
  const busy = new Set<string>();
  let next: { readonly at: number; readonly timer: Disposable } | null = null;

  /** Or earlier, when that was said before. */
  function sweepIn(ms: number): void {
    const at = clock.monotonic() + ms;
    if (scope.signal.aborted || (next !== null && next.at <= at)) return;
    next?.timer[Symbol.dispose]();
    next = { at, timer: clock.after(ms, () => scope.run(sweep)) };
  }

  async function sweep(): Promise<void> {
    next = null;
    sweepIn(SWEEP_MS);
    const hooks = configuredHooks(deps.hooks());
    if (hooks.length === 0) return;
    const open = await store.read((db) => viewEscalations(db, { openOnly: true }));
    for (const escalation of open) {
      for (const hook of hooks) if (waits(escalation, hook)) scope.run(() => deliver(escalation, hook));
    }
  }

  function waits({ id, deliveries }: EscalationView, hook: EscalationHook): boolean {
    const told = deliveries.some((delivery) => delivery.hook === hook && delivery.delivered_at !== null);
    return !told && !busy.has(`${id} ${hook}`);
  }

  async function deliver(escalation: EscalationView, hook: EscalationHook): Promise<void> {
    const key = `${escalation.id} ${hook}`;
    busy.add(key);
    try {
      if (await claim(escalation.id, hook)) await tryHook(escalation, hook);
      else sweepIn(RETRY.firstMs);
    } finally {
      busy.delete(key);
    }
  }

  function claim(id: number, hook: EscalationHook): Promise<boolean> {
    return store.write(async (tx) => {
      await enterDelivery(tx, id, hook);
      return claimDelivery(tx, id, hook, tx.now + CLAIM_MS);
    });
  }

  async function tryHook(escalation: EscalationView, hook: EscalationHook): Promise<void> {
    const tries = (escalation.deliveries.find((delivery) => delivery.hook === hook)?.tries ?? 0) + 1;
    const timeout = new AbortController();
    const deadline = clock.after(HOOK_TIMEOUT_MS, () => timeout.abort(new Error('no answer in time')));
    const signal = AbortSignal.any([timeout.signal, scope.signal]);
    try {
      const reply = await callHook(hook, escalation, { hooks: deps.hooks(), environment: deps.environment, signal });
      await keepReply(escalation, reply);
      await store.write(async (tx) => {
        await noteDelivered(tx, escalation.id, hook);
        tx.record({ type: 'escalation.delivered', subject: subject.escalation(escalation.id), data: { hook, tries } });
      });
    } catch (error) {
      if (!scope.signal.aborted) await onFailed(escalation.id, hook, { error, tries });
    } finally {
      deadline[Symbol.dispose]();
    }
  }

  async function onFailed(
    id: number,
    hook: EscalationHook,
    { error, tries }: { readonly error: unknown; readonly tries: number },
  ): Promise<void> {
    const reason = messageOf(error);
    const delayMs = Math.min(RETRY.longestMs, RETRY.firstMs * 2 ** Math.min(tries - 1, 20)) * (0.5 + deps.random() / 2);
    log.warn({ escalation: id, hook, reason, tries }, 'escalation not delivered');
    await store.write(async (tx) => {
      await noteUndelivered(tx, { escalationId: id, hook, error: reason, nextAt: Math.round(tx.now + delayMs) });
      if (tries === 1) {
        tx.record({
          type: 'escalation.undelivered',
          subject: subject.escalation(id),
          data: { hook, tries, error: reason },
        });
      }
    });
    sweepIn(Math.min(SWEEP_MS, delayMs + 1));
  }

  /** A suggestion, or the answer itself when the settings trust the model that far. */
  async function keepReply({ id, choices }: EscalationView, reply: HookReply): Promise<void> {
    if (reply === null) return;
    await store.write(async (tx) => {
      await suggestAnswer(tx, id, reply.said);
      tx.record({ type: 'escalation.suggested', subject: subject.escalation(id), data: { suggestion: reply.said } });
    });
    const { escalationModelAnswers, escalationModel } = deps.hooks();
    const { choice } = reply;
    if (!escalationModelAnswers || choice === null || !choices.includes(choice)) return;
    const given = { answer: choice, by: `model ${escalationModel ?? ''}` };
    await deps.loop().ask<AnswerResult>((answered) => ({ kind: 'answer', id, given, reply: answered }));
  }

  return {
    start() {
      const facts = store.facts.subscribe((fact) => fact.type === 'escalation.opened' && sweepIn(0));
      scope.defer(() => {
        facts[Symbol.dispose]();
        next?.timer[Symbol.dispose]();
      });
      sweepIn(0);
    },
  };
}

/** The cause says more than "fetch failed". */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
