/**
 * One request from its arrival to its end: gets a slot, makes a try, makes another one elsewhere while nothing has been
 * passed on, and tells the one terminal event. The order of these is here; each of them is done elsewhere.
 */

import type { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import type { ContextCheck } from '../context/context-check.ts';
import { refusalError } from '../door/refusals.ts';
import { ToldSink } from '../door/told-sink.ts';
import type { RequestLife } from '../inspect/request-book.ts';
import { isEnded } from '../inspect/request-state.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { NO_HINTS } from '../placing/placement-hints.ts';
import type { PlacementHints } from '../placing/placement-hints.ts';
import type { PlacementAsk } from '../placing/placement.ts';
import { JSON_TYPE } from '../protocols/call.ts';
import type { ClientCall, EngineCall } from '../protocols/call.ts';
import { leavable } from '../protocols/llama-cpp/leavable.ts';
import { withToolAlone } from '../protocols/llama-cpp/named-tool.ts';
import { withModel } from '../protocols/openai/inference-request.ts';
import { tokenCost } from '../queue/fairness.ts';
import type { Dispatcher, InstanceLease, SlotAsk } from '../slots/dispatcher.ts';
import { staying, willingTry } from '../slots/give-way.ts';
import type { HeldSlot } from '../slots/held-slots.ts';
import { waitForIdleSlot } from '../slots/slot-idle.ts';
import type { Usage } from '../types.ts';
import type { GatewayLimits } from '../limits.ts';
import { attempt } from './attempt.ts';
import type { AttemptOutcome } from './attempt.ts';
import { Ending } from './ending.ts';
import type { ReplySink } from './ending.ts';
import { isEnginesFault } from './engine-error.ts';
import { deadlineOver, noAnswer } from './serve-errors.ts';
import type { TokenRates } from './token-rates.ts';
import { isUnreached, Tries } from './tries.ts';
import type { Upstreams } from './upstream.ts';

/** A request that was understood. */
interface Job {
  readonly life: RequestLife;
  readonly call: Pick<ClientCall, 'wire' | 'forEngine' | 'maxTokens'>;
  /** Estimated tokens, for the fair share. */
  readonly cost: number;
  readonly totalTimeoutMs: number;
  /** By when the caller wants it to have ended, from its arrival; null: he does not say. */
  readonly deadlineMs?: number | null;
  /** A slot that the caller holds already; null: one is asked for. */
  readonly held: HeldSlot | null;
  readonly hints?: PlacementHints;
  /** Called when it may wait for a slot. */
  readonly onAdmitted?: (() => void) | undefined;
}

export interface ServeDeps {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly upstreams: Upstreams;
  readonly limits: GatewayLimits;
  readonly rates: TokenRates;
  readonly contextCheck: ContextCheck;
}

/**
 * Never rejects. `stop` ends the request at once: its abort reason is the AppError that is told. Resolves when the
 * terminal event has been applied; an aborted slot may still be on its way back.
 */
export async function serve(job: Job, sink: ReplySink, stop: AbortController, deps: ServeDeps): Promise<void> {
  const { totalTimeoutMs, deadlineMs = null } = job;
  const isDeadline = deadlineMs !== null && deadlineMs <= totalTimeoutMs;
  const ms = isDeadline ? deadlineMs : totalTimeoutMs;
  const limit = deps.clock.after(ms, () => stop.abort(isDeadline ? deadlineOver(ms) : noAnswer(ms, job.life)));
  await tryUntilEnded(job, sink, stop, deps);
  limit[Symbol.dispose]();
}

async function tryUntilEnded(job: Job, sink: ReplySink, stop: AbortController, deps: ServeDeps): Promise<void> {
  const ending = new Ending(job.life, sink, stop.signal, deps.clock);
  const fit = await deps.contextCheck(job.life.face.model, job.call, stop.signal);
  if (fit.kind === 'too-long') return ending.fail(fit.error);
  const contextTokens = fit.tokens;
  const tries = new Tries(job.hints ?? NO_HINTS);
  while (!isEnded(job.life.state)) {
    const { avoid, hints } = tries;
    const slot = await takeSlot(job, { avoid, hints, contextTokens }, stop.signal, deps);
    if (slot.kind === 'refused') return ending.refuse(slot.error, tries.erred);
    const { instance } = slot.lease.engine;
    const outcome = await runIn(slot.lease, tries.gaveWay, job, sink, stop, deps);
    judge(instance, outcome, deps);
    settle(slot.lease, outcome, job, deps);
    if (outcome.kind === 'movable' && tries.mayMove(outcome, instance, deps.limits.attempts, isSoundElsewhere)) {
      job.life.apply({ kind: 'moved', at: deps.clock.monotonic(), because: outcome.because });
    } else {
      ending.conclude(outcome, instance);
    }
  }

  /** A slot that the caller holds is the only place where it runs. */
  function isSoundElsewhere(hints: PlacementHints): boolean {
    return job.held === null && deps.dispatcher.hasSound({ model: job.life.face.model, hints }, contextTokens);
  }
}

type TakenSlot =
  | { readonly kind: 'leased'; readonly lease: InstanceLease }
  | { readonly kind: 'refused'; readonly error: AppError };

type Wish = PlacementAsk & Pick<SlotAsk, 'hints'>;

async function takeSlot(job: Job, wish: Wish, signal: AbortSignal, deps: ServeDeps): Promise<TakenSlot> {
  const ownSlot = job.held === null ? null : await takeTurn(job.held, signal);
  if (ownSlot !== null) return { kind: 'leased', lease: ownSlot };
  const { face, arrivedAt } = job.life;
  const expiresAt = face.class === 'interactive' ? arrivedAt + deps.limits.queueTimeoutMs : null;
  const { id, model, key } = face;
  const { cost, onAdmitted, deadlineMs = null } = job;
  const times = { arrivedAt, expiresAt, deadlineAt: deadlineMs === null ? null : arrivedAt + deadlineMs };
  const ask = { ...times, id, model, key, class: face.class, cost, onAdmitted, ...wish };
  const answer = await deps.dispatcher.acquire(ask, signal);
  return answer.kind === 'leased' ? answer : { kind: 'refused', error: refusalError(answer.refusal) };
}

/** The held slot as a lease of this call alone; null when its process is gone: then the call queues like any other. */
async function takeTurn(held: HeldSlot, signal: AbortSignal): Promise<InstanceLease | null> {
  const turn = await held.turn(signal);
  if (turn === null) return null;
  const lease = held.lease();
  if (lease?.isHeld() === true) {
    return { ...lease, onGiveWay: () => {}, leave: () => {}, release: () => turn[Symbol.dispose]() };
  }
  turn[Symbol.dispose]();
  return null;
}

async function runIn(
  lease: InstanceLease,
  timesGone: number,
  job: Job,
  sink: ReplySink,
  stop: AbortController,
  deps: ServeDeps,
): Promise<AttemptOutcome> {
  const { clock, limits } = deps;
  const { life } = job;
  const { engine } = lease;
  const from = clock.monotonic();
  life.apply({ kind: 'dispatched', at: from, instance: engine.instance });
  if (life.state.kind === 'dispatched') sink.placed(engine, life.state.queueMs, life.state.attempts);
  const { firstByteTimeoutMs: patienceMs } = limits;
  using patience = clock.after(patienceMs, () => stop.abort(noAnswer(patienceMs, life)));
  const onContent = (): void => {
    patience[Symbol.dispose]();
    life.apply({ kind: 'content', at: clock.monotonic() });
  };
  const { tokens, onFrames } = countTokens(engine.instance, from, deps);
  const call = callFor(engine, job);
  const isUnread = (): boolean => life.state.kind === 'dispatched';
  const told = call.telling === null ? sink : new ToldSink(sink, call.telling, job.call.wire);
  const willing = life.face.class === 'batch' ? willingTry(stop.signal, isUnread, timesGone) : staying(stop.signal);
  lease.onGiveWay(willing.giveWay);
  const plan = { engine, call, stream: life.face.stream, sink: told, signal: willing.signal, onContent, onFrames };
  const outcome = await attempt(plan, deps.upstreams);
  if (willing.hasGone()) return { kind: 'movable', because: 'gave-way', message: 'interactive work needed the slot' };
  if ('usage' in outcome) tokens(outcome.usage);
  return outcome;
}

/** Under the name that the engine has for its model; forms with files are left as they are. */
function callFor(engine: EngineAddress, job: Job): EngineCall {
  const wanted = { stream: job.life.face.stream, maxTokens: job.call.maxTokens };
  const call = leavable(withToolAlone(job.call.forEngine(engine.kind), engine.kind), engine.kind, wanted);
  if (engine.upstreamModel === null || call.contentType !== JSON_TYPE) return call;
  return { ...call, body: withModel(call.body, engine.upstreamModel) };
}

/** Frames count as they pass; `tokens` sets right what they were in truth. */
function countTokens(instance: string, from: number, { clock, rates }: ServeDeps) {
  let frames = 0;
  return {
    onFrames(count: number): void {
      frames += count;
      rates.add(instance, count, clock.monotonic());
    },
    tokens({ tokensOut }: Usage): void {
      const to = clock.monotonic();
      if (frames > 0) rates.add(instance, tokensOut - frames, to);
      else rates.addOver(instance, tokensOut, { from, to });
    },
  };
}

/** What an engine answers for: not the request's faults, nor that it was not there yet. */
function judge(instance: string, outcome: AttemptOutcome, { dispatcher }: ServeDeps): void {
  const hasFailed = outcome.kind === 'movable' && (outcome.because === 'reset' || outcome.because === 'erred');
  if (outcome.kind === 'broken' || hasFailed) {
    dispatcher.judge(instance, 'failed');
  } else if (outcome.kind === 'beyond') {
    dispatcher.judge(instance, 'succeeded');
  } else if (outcome.kind === 'answered') {
    dispatcher.judge(instance, isEnginesFault(outcome.status) ? 'failed' : 'succeeded');
  }
}

/** Gives the slot back: at once when the engine is done with it, else when the engine says so. */
function settle(lease: InstanceLease, outcome: AttemptOutcome, job: Job, deps: ServeDeps): void {
  if (outcome.kind === 'movable') {
    if (isUnreached(outcome)) deps.dispatcher.suspect(lease.engine.instance);
    if (outcome.because !== 'gave-way') return lease.release(null);
    return releaseWhenIdle(lease, null, deps);
  }
  if (outcome.kind === 'beyond') return lease.release(null);
  const cost = costOf(outcome.usage, job);
  if (outcome.kind === 'answered') return lease.release(cost);
  releaseWhenIdle(lease, cost, deps);
}

function releaseWhenIdle(lease: InstanceLease, cost: number | null, deps: ServeDeps): void {
  lease.leave();
  const held = (): number => deps.dispatcher.busySlots(lease.engine.instance);
  void waitForIdleSlot({ engine: lease.engine, held, limitMs: deps.limits.slotIdleMs }, deps).then(() =>
    lease.release(cost),
  );
}

/** What the key is charged in the end: what was used, or the estimate where nobody knows. */
function costOf(usage: Usage, job: Job): number {
  const cost = tokenCost(usage.tokensIn, usage.tokensOut);
  return cost === 0 ? job.cost : cost;
}
