/**
 * Tells one hook of one escalation, once, and writes down how that went. By one controller at a time: whoever has claimed
 * it may try until the claim runs out. What a hook answers is kept as a suggestion, or given as the answer.
 */

import { subject } from '../../contract/index.ts';
import type { EscalationHook, EscalationView } from '../../contract/index.ts';
import type { Clock, Log, Random } from '../../kernel/index.ts';
import { claimDelivery, enterDelivery, noteDelivered, noteUndelivered, suggestAnswer } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import type { AnswerResult } from './answers.ts';
import { callHook } from './hooks.ts';
import type { EscalationHooks, HookReply } from './hooks.ts';

/** A hook that takes longer has failed. */
const HOOK_TIMEOUT_MS = 30_000;
/** Another controller may try when this one has died with it. */
const CLAIM_MS = HOOK_TIMEOUT_MS + 5_000;
const RETRY = { firstMs: 2_000, longestMs: 600_000 } as const;

export interface HookTellerDeps {
  readonly store: Store;
  readonly hooks: () => EscalationHooks;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly loop: () => TurnLoop;
}

/** `untold` may be tried again after this time; of `stopped` nothing is written down. */
type Telling =
  | { readonly kind: 'told' }
  | { readonly kind: 'untold'; readonly retryMs: number }
  | { readonly kind: 'stopped' };

/** The signal stops it. */
export type TellHook = (escalation: EscalationView, hook: EscalationHook, signal: AbortSignal) => Promise<Telling>;

export function createHookTeller(deps: HookTellerDeps): TellHook {
  const { store, log } = deps;

  function claim(id: number, hook: EscalationHook): Promise<boolean> {
    return store.write(async (tx) => {
      await enterDelivery(tx, id, hook);
      return claimDelivery(tx, id, hook, tx.now + CLAIM_MS);
    });
  }

  async function call(escalation: EscalationView, hook: EscalationHook, ended: AbortSignal): Promise<HookReply> {
    const timeout = new AbortController();
    using _deadline = deps.clock.after(HOOK_TIMEOUT_MS, () => timeout.abort(new Error('no answer in time')));
    const signal = AbortSignal.any([timeout.signal, ended]);
    return await callHook(hook, escalation, { hooks: deps.hooks(), environment: deps.environment, signal });
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

  async function keepTold({ id }: EscalationView, hook: EscalationHook, tries: number): Promise<void> {
    await store.write(async (tx) => {
      await noteDelivered(tx, id, hook);
      tx.record({ type: 'escalation.delivered', subject: subject.escalation(id), data: { hook, tries } });
    });
  }

  async function keepUntold(
    { id }: EscalationView,
    hook: EscalationHook,
    { error, tries, retryMs }: { readonly error: string; readonly tries: number; readonly retryMs: number },
  ): Promise<void> {
    log.warn({ escalation: id, hook, reason: error, tries }, 'escalation not delivered');
    await store.write(async (tx) => {
      await noteUndelivered(tx, { escalationId: id, hook, error, nextAt: Math.round(tx.now + retryMs) });
      if (tries > 1) return;
      tx.record({ type: 'escalation.undelivered', subject: subject.escalation(id), data: { hook, tries, error } });
    });
  }

  return async function tell(escalation, hook, signal) {
    if (!(await claim(escalation.id, hook))) return { kind: 'untold', retryMs: RETRY.firstMs };
    const tries = (escalation.deliveries.find((delivery) => delivery.hook === hook)?.tries ?? 0) + 1;
    try {
      await keepReply(escalation, await call(escalation, hook, signal));
      await keepTold(escalation, hook, tries);
      return { kind: 'told' };
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped' };
      const retryMs = retryAfter(tries, deps.random());
      await keepUntold(escalation, hook, { error: messageOf(error), tries, retryMs });
      return { kind: 'untold', retryMs };
    }
  };
}

function retryAfter(tries: number, random: number): number {
  return Math.min(RETRY.longestMs, RETRY.firstMs * 2 ** Math.min(tries - 1, 20)) * (0.5 + random / 2);
}

/** The cause says more than "fetch failed". */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
