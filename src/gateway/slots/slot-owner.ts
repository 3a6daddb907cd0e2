/**
 * The state behind the dispatcher's mailbox: who waits, who holds which slot, and the picture of the instances, changed
 * by `handle` alone. What it decides comes from the pure files; what it answers are leases and reasons.
 */

import type { AppError } from '../../contract/index.ts';
import { Alarm, assertNever } from '../../kernel/index.ts';
import type { Clock, Log, Random } from '../../kernel/index.ts';
import { StartBook } from '../forecast/start-book.ts';
import type { CallVerdict } from '../placing/breaker.ts';
import { MirroredInstances } from '../placing/instance-mirror.ts';
import { Placer } from '../placing/placer.ts';
import { prospectOf, toWaiting } from '../placing/targets.ts';
import type { Prospect, Wanted } from '../placing/targets.ts';
import { admit } from '../queue/admission.ts';
import type { Waiting } from '../queue/tiers.ts';
import { longestWait, WaitingRoom } from '../queue/waiting-room.ts';
import type { ModelDirectory, Target } from '../types.ts';
import type { GatewayLimits } from '../limits.ts';
import { isSameCall, WakeCalls } from '../waking/wake-calls.ts';
import type { Wake, WakeCall } from '../waking/wake-calls.ts';
import { Grants } from './grants.ts';
import type { InstanceSlots } from './grants.ts';
import { IdleAwaiters } from './idle-awaiters.ts';
import type { Message, Pending, SlotAsk } from './slot-asks.ts';
import { SlotGiver } from './slot-giver.ts';
import { SlotViews } from './slot-views.ts';
import type { SlotHold } from './slots.ts';

export interface SlotOwnerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly models: ModelDirectory;
  readonly limits: GatewayLimits;
  readonly wake: Wake;
  /** Free memory of a device, as last told. */
  readonly freeBytes: (device: string) => number;
  /** A slot of the instance was given or came back. */
  readonly onSlotUsed: (instance: string) => void;
}

export class SlotOwner {
  readonly instances = new MirroredInstances();
  readonly waiting: WaitingRoom;
  readonly placer: Placer;
  readonly views: SlotViews;
  readonly #deps: SlotOwnerDeps;
  readonly #grants = new Grants();
  readonly #starts: StartBook;
  readonly #giver: SlotGiver;
  readonly #alarm: Alarm;
  readonly #wakes: WakeCalls;
  readonly #idle = new IdleAwaiters((instance) => this.instances.slots.busy(instance));

  constructor(deps: SlotOwnerDeps, post: (message: Message) => void) {
    this.#deps = deps;
    this.waiting = new WaitingRoom(deps.limits);
    this.#starts = new StartBook(this.waiting.queue, this.#grants);
    this.placer = new Placer({ ...deps, instances: this.instances });
    this.#giver = new SlotGiver({
      limits: deps.limits,
      instances: this.instances,
      placer: this.placer,
      waiting: this.waiting,
      grants: this.#grants,
      starts: this.#starts,
      onSlotUsed: deps.onSlotUsed,
      onReleased: (hold, request, cost) => post({ kind: 'released', hold, request, cost }),
    });
    this.views = new SlotViews({
      models: deps.models,
      instances: this.instances,
      placer: this.placer,
      waiting: this.waiting,
      grants: this.#grants,
      starts: this.#starts,
      courseOf: (call) => this.#wakes.courseOf(call),
      keepsSlotFrom: (ask, target, now) => this.#giver.keepsSlotFrom(ask, target, now),
    });
    this.#alarm = new Alarm(deps.clock, () => post({ kind: 'woke' }));
    this.#wakes = new WakeCalls({
      ...deps,
      longestWait: (call) => longestWait(this.waiting, this.#lanesAwaiting(call), deps.clock.monotonic()),
      onFailed: (call, error) => post({ kind: 'not-woken', call, error }),
    });
  }

  handle(message: Message): void {
    const now = this.#deps.clock.monotonic();
    this.waiting.expire(now);
    this.#apply(message, now);
    this.#alarm.set(this.#nextChange(now), now);
  }

  /** No alarm rings any more. */
  stop(): void {
    this.#alarm.stop();
  }

  #apply(message: Message, now: number): void {
    switch (message.kind) {
      case 'asked':
        return this.#onAsked(message.pending, now);
      case 'withdrawn':
        return this.waiting.refuse(message.id, { kind: 'withdrawn' });
      case 'released':
        return this.#onReleased(message.hold, message.request, message.cost, now);
      case 'suspected':
        return this.instances.suspect(message.instance, now);
      case 'judged':
        return this.#onJudged(message.instance, message.verdict, now);
      case 'instances-set':
        this.instances.setAll(message.reports);
        return this.#review(now);
      case 'instance-reported':
        this.instances.set(message.report);
        if (message.report.state === 'ready') this.#wakes.forgive({ kind: 'instance', name: message.report.name });
        return this.#review(now, this.#lanesOf(message.report.name));
      case 'instance-gone':
        this.instances.remove(message.name);
        this.#grants.forget(message.name);
        return this.#review(now);
      case 'not-woken':
        return this.#onNotWoken(message.call, message.error, now);
      case 'held-back':
        if (message.isLeaving) this.instances.leave(message.instance);
        else this.instances.stay(message.instance);
        return this.#review(now);
      case 'idle-awaited':
        return this.#idle.add(message.instance, message.answer);
      case 'model-changed':
        return this.#onModelChanged(message.model);
      case 'directory-changed':
      case 'woke':
        return this.#review(now);
      default:
        return assertNever(message);
    }
  }

  #onAsked(pending: Pending, now: number): void {
    const { ask, answer } = pending;
    const prospect = this.#prospectOf(ask);
    if (prospect.kind === 'refused') return answer(prospect);
    const request = toWaiting(ask, prospect.target);
    const picture = this.views.queue(request.group, prospect.target, now);
    const admission = admit(ask.class, picture, this.#deps.limits, this.#deps.random);
    if (admission.kind === 'rejected') {
      const { retryAfterMs } = admission;
      const refusal = { kind: 'full', model: ask.model, waiting: picture.waiting, retryAfterMs } as const;
      return answer({ kind: 'refused', refusal });
    }
    if (admission.kind === 'displaces') {
      const { victim, retryAfterMs } = admission;
      this.waiting.refuse(victim, { kind: 'dropped', model: ask.model, retryAfterMs });
    }
    this.waiting.enter(pending, request, now);
    if (prospect.availability.kind === 'asleep') this.#wakes.want(prospect.availability.call);
    this.#pump(new Set([request.lane]), now);
    if (!this.waiting.queue.has(request.id) || this.#mayWait(ask, request, prospect.target, now)) ask.onAdmitted?.();
  }

  /** False when it could not begin in time, and is refused. */
  #mayWait(ask: SlotAsk, request: Waiting, target: Target, now: number): boolean {
    const ready = (): readonly InstanceSlots[] => this.placer.ready(target, now);
    this.#starts.waits(request, ready, now);
    const leftMs = (ask.deadlineAt ?? Infinity) - now;
    const startsInMs = leftMs === Infinity ? null : this.#starts.standing(request, ready(), now).startsInMs;
    if (startsInMs === null || startsInMs < leftMs) return true;
    this.waiting.refuse(ask.id, { kind: 'too-late', model: ask.model, startsInMs, leftMs });
    return false;
  }

  #onReleased(hold: SlotHold, request: Waiting, cost: number | null, now: number): void {
    this.waiting.queue.settle(request, cost ?? 0);
    this.#grants.end(hold, cost !== null, now);
    const isBack = this.instances.slots.release(hold);
    this.#deps.onSlotUsed(hold.instance);
    if (isBack) this.#pump(this.#lanesOf(hold.instance), now);
    this.#idle.tell();
  }

  /** What a breaker lets through again may be waited for. */
  #onJudged(instance: string, verdict: CallVerdict, now: number): void {
    if (!this.instances.judge(instance, verdict, now)) return;
    const breaker = this.instances.breaker(instance, now).kind;
    this.#deps.log.warn({ instance, breaker }, 'the breaker of an instance has changed');
    this.#review(now);
  }

  /** It may load now, by itself or in an instance that sleeps. */
  #onModelChanged(model: string): void {
    this.#wakes.forgive({ kind: 'model', name: model });
    for (const { name } of this.#deps.models.resolve(model)?.instances ?? []) {
      this.#wakes.forgive({ kind: 'instance', name });
    }
  }

  /** Whoever waits for it alone is told why; those who have another way by now are looked at again. */
  #onNotWoken(call: WakeCall, error: AppError, now: number): void {
    this.#deps.log.warn({ err: error, call }, 'what sleeps could not be woken');
    for (const lane of this.#lanesAwaiting(call)) this.waiting.refuseLane(lane, { kind: 'not-woken', error });
    this.#review(now);
  }

  #lanesAwaiting(call: WakeCall): readonly string[] {
    const awaits = ({ prospect }: { readonly prospect: Prospect }): boolean =>
      prospect.kind === 'open' &&
      prospect.availability.kind === 'asleep' &&
      isSameCall(prospect.availability.call, call);
    return this.#prospects(this.waiting.queue.lanes())
      .filter(awaits)
      .map(({ lane }) => lane);
  }

  /** After a change around these lanes: what cannot be served any more is told so, what can be served now is. */
  #review(now: number, lanes = new Set(this.waiting.queue.lanes())): void {
    for (const { lane, prospect } of this.#prospects(lanes)) {
      if (prospect.kind === 'refused') this.waiting.refuseLane(lane, prospect.refusal);
      else if (prospect.availability.kind === 'asleep') this.#wakes.want(prospect.availability.call);
    }
    this.#pump(lanes, now);
    this.#idle.tell();
  }

  #prospects(lanes: Iterable<string>): readonly { readonly lane: string; readonly prospect: Prospect }[] {
    return [...lanes].flatMap((lane) => {
      const ask = this.waiting.headAsk(lane);
      return ask === null ? [] : [{ lane, prospect: this.#prospectOf(ask) }];
    });
  }

  /** Serves the lanes, best head first, until none of their heads finds a slot. */
  #pump(lanes: ReadonlySet<string>, now: number): void {
    const { queue } = this.waiting;
    // Each turn looks at the heads of all that are left: of many lanes only those that can have any success.
    const open = lanes.size === 1 ? new Set(lanes) : new Set([...lanes].filter((lane) => this.#mayServe(lane, now)));
    for (let lane = queue.first(open); lane !== null; lane = queue.first(open)) {
      if (!this.#serveHead(lane, now)) open.delete(lane);
    }
  }

  #mayServe(lane: string, now: number): boolean {
    const head = this.#headOf(lane);
    return head !== null && this.#giver.maySucceed(head.ask, head.target, now);
  }

  #serveHead(lane: string, now: number): boolean {
    const head = this.#headOf(lane);
    return head !== null && this.#giver.serve(lane, head.ask, head.target, now);
  }

  /** Who goes next in the lane, if it can be waited for. */
  #headOf(lane: string): { readonly ask: SlotAsk; readonly target: Target } | null {
    const ask = this.waiting.headAsk(lane);
    const prospect = ask === null ? null : this.#prospectOf(ask);
    return ask === null || prospect?.kind !== 'open' ? null : { ask, target: prospect.target };
  }

  #prospectOf(wanted: Wanted): Prospect {
    return prospectOf(wanted, this.#deps.models, this.instances.reports);
  }

  /** Requests wait for it, or for any instance like it. */
  isWanted(instance: string): boolean {
    return this.#lanesOf(instance).size > 0;
  }

  #lanesOf(instance: string): Set<string> {
    const isServed = (model: string): boolean =>
      this.#deps.models.resolve(model)?.instances.some(({ name }) => name === instance) ?? false;
    return this.waiting.queue.lanesFor(isServed);
  }

  #nextChange(now: number): number | null {
    if (this.waiting.queue.size === 0) return null;
    const { queue } = this.waiting;
    const times = [queue.nextChangeAt, this.instances.suspectUntil(now), this.#giver.nextChange(now)].filter(
      (at) => at !== null,
    );
    return times.length === 0 ? null : Math.min(...times);
  }
}
