/**
 * The state behind the dispatcher's mailbox: who waits, who holds which slot, and the picture of the instances, changed
 * by `handle` alone. What it decides comes from the pure files; what it answers are leases and reasons.
 */

import { asAppError } from '../contract/index.ts';
import { assertNever } from '../kernel/index.ts';
import type { Clock, Log, Random } from '../kernel/index.ts';
import { admit } from './admission.ts';
import type { QueuePicture } from './admission.ts';
import { Alarm } from './alarm.ts';
import type { CallVerdict } from './breaker.ts';
import { capacityOf } from './capacity.ts';
import { IdleAwaiters } from './idle-awaiters.ts';
import { MirroredInstances } from './instance-mirror.ts';
import type { EngineAddress } from './instance-mirror.ts';
import { Placer } from './placer.ts';
import { ServiceTimes } from './service-times.ts';
import type { DispatcherPicture, Grant, InstanceLease, Message, Pending } from './slot-asks.ts';
import type { SlotHold } from './slots.ts';
import { groupOf, prospectOf, toWaiting } from './targets.ts';
import type { Prospect, Wanted } from './targets.ts';
import type { GatewayLimits, ModelCapacity, ModelDirectory, Target } from './types.ts';
import { WaitingRoom } from './waiting-room.ts';
import { isSameCall, WakeCalls } from './wake-calls.ts';
import type { Wake, WakeCall } from './wake-calls.ts';

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
  readonly #deps: SlotOwnerDeps;
  readonly #post: (message: Message) => void;
  readonly #serviceTimes = new ServiceTimes();
  readonly #alarm: Alarm;
  readonly #wakes: WakeCalls;
  readonly #idle = new IdleAwaiters((instance) => this.instances.slots.busy(instance));

  constructor(deps: SlotOwnerDeps, post: (message: Message) => void) {
    this.#deps = deps;
    this.#post = post;
    this.waiting = new WaitingRoom(deps.limits);
    this.placer = new Placer({ ...deps, instances: this.instances });
    this.#alarm = new Alarm(deps.clock, () => post({ kind: 'woke' }));
    this.#wakes = new WakeCalls(deps.wake, (call, error) => post({ kind: 'not-woken', call, error }));
  }

  handle(message: Message): void {
    const now = this.#deps.clock.monotonic();
    this.waiting.expire(now);
    this.#apply(message, now);
    this.#alarm.set(this.#nextChange(now), now);
  }

  picture(now: number): DispatcherPicture {
    const slots = [...this.instances.names()].map((name) => {
      const total = this.instances.reports.get(name)?.slotsTotal ?? 0;
      return [name, { busy: this.instances.slots.busy(name), total }] as const;
    });
    return {
      waiting: this.waiting.view(now),
      slots: Object.fromEntries(slots),
      serviceMs: (model) => this.serviceMs(model),
    };
  }

  /** Slots of instances on `strained` devices are not counted. */
  capacity(model: string, strained: ReadonlySet<string>): ModelCapacity {
    return capacityOf(model, this.#prospectOf({ model }), { reports: this.instances.reports, strained });
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
        return this.waiting.withdraw(message.id);
      case 'released':
        return this.#onReleased(message.hold, message.grant, message.cost, now);
      case 'suspected':
        return this.instances.suspect(message.instance, now);
      case 'judged':
        return this.#onJudged(message.instance, message.verdict, now);
      case 'instances-set':
        this.instances.setAll(message.reports);
        return this.#review(now);
      case 'instance-reported':
        this.instances.set(message.report);
        return this.#review(now);
      case 'instance-gone':
        this.instances.remove(message.name);
        return this.#review(now);
      case 'not-woken':
        return this.#onNotWoken(message.call, message.error, now);
      case 'idle-awaited':
        return this.#idle.add(message.instance, message.answer);
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
    const picture = this.#picture(request.group, prospect.target, now);
    const admission = admit(picture, this.#deps.limits, this.#deps.random);
    if (admission.kind === 'rejected') {
      const { retryAfterMs } = admission;
      const refusal = { kind: 'full', model: ask.model, waiting: picture.waiting, retryAfterMs } as const;
      return answer({ kind: 'refused', refusal });
    }
    this.waiting.enter(pending, request, now);
    ask.onAdmitted?.();
    if (prospect.availability.kind === 'asleep') this.#wakes.want(prospect.availability.call);
    this.#pump(new Set([request.lane]), now);
  }

  #onReleased(hold: SlotHold, grant: Grant, cost: number | null, now: number): void {
    this.waiting.queue.settle(grant.request, cost ?? 0);
    if (cost !== null) this.#serviceTimes.record(grant.request.group, now - grant.at);
    if (this.instances.slots.release(hold)) this.#pump(this.#lanesOf(hold.instance), now);
    this.#idle.tell();
  }

  /** What a breaker lets through again may be waited for. */
  #onJudged(instance: string, verdict: CallVerdict, now: number): void {
    if (!this.instances.judge(instance, verdict, now)) return;
    const breaker = this.instances.breaker(instance, now).kind;
    this.#deps.log.warn({ instance, breaker }, 'the breaker of an instance has changed');
    this.#review(now);
  }

  /** Whoever waits for it alone is told why; those who have another way by now are looked at again. */
  #onNotWoken(call: WakeCall, error: unknown, now: number): void {
    this.#deps.log.warn({ err: error, call }, 'what sleeps could not be woken');
    for (const { lane, prospect } of this.#prospects()) {
      if (prospect.kind !== 'open' || prospect.availability.kind !== 'asleep') continue;
      if (!isSameCall(prospect.availability.call, call)) continue;
      this.waiting.refuseLane(lane, { kind: 'not-woken', error: asAppError(error) });
    }
    this.#review(now);
  }

  /** After any change around the queue: what cannot be served any more is told so, what can be served now is. */
  #review(now: number): void {
    for (const { lane, prospect } of this.#prospects()) {
      if (prospect.kind === 'refused') this.waiting.refuseLane(lane, prospect.refusal);
      else if (prospect.availability.kind === 'asleep') this.#wakes.want(prospect.availability.call);
    }
    this.#pump(new Set(this.waiting.queue.lanes()), now);
    this.#idle.tell();
  }

  #prospects(): readonly { readonly lane: string; readonly prospect: Prospect }[] {
    return [...this.waiting.queue.lanes()].flatMap((lane) => {
      const ask = this.waiting.headAsk(lane);
      return ask === null ? [] : [{ lane, prospect: this.#prospectOf(ask) }];
    });
  }

  /** Serves the lanes, best head first, until none of their heads finds a slot. */
  #pump(open: Set<string>, now: number): void {
    const { queue } = this.waiting;
    for (let lane = queue.first(open); lane !== null; lane = queue.first(open)) {
      if (!this.#serveHead(lane, now)) open.delete(lane);
    }
  }

  #serveHead(lane: string, now: number): boolean {
    const ask = this.waiting.headAsk(lane);
    const prospect = ask === null ? null : this.#prospectOf(ask);
    if (ask === null || prospect?.kind !== 'open') return false;
    const chosen = this.placer.choose(ask, prospect.target, now);
    const engine = chosen === null ? null : this.instances.address(chosen);
    const hold = chosen === null ? null : this.instances.slots.hold(chosen);
    if (engine === null || hold === null) return false;
    const request = this.waiting.queue.take(lane);
    if (request === null) return false;
    this.instances.noteGiven(engine.instance);
    this.#deps.onSlotUsed(engine.instance);
    this.waiting.answer(request.id, { kind: 'leased', lease: this.#lease(engine, hold, { request, at: now }) });
    return true;
  }

  #lease(engine: EngineAddress, hold: SlotHold, grant: Grant): InstanceLease {
    let released = false;
    return {
      engine,
      isHeld: () => !released && this.instances.slots.isHeld(hold),
      release: (cost) => {
        if (released) return;
        released = true;
        this.#deps.onSlotUsed(engine.instance);
        this.#post({ kind: 'released', hold, grant, cost });
      },
    };
  }

  #prospectOf(wanted: Wanted): Prospect {
    return prospectOf(wanted, this.#deps.models, this.instances.reports);
  }

  #picture(group: string, target: Target, now: number): QueuePicture {
    const ready = this.placer
      .candidates(target, now)
      .filter(({ state, suspect, drained, leaving }) => state === 'ready' && !suspect && !drained && !leaving);
    const totals = target.instances.map(({ name }) => this.instances.reports.get(name)?.slotsTotal ?? 0);
    return {
      waiting: this.waiting.queue.groupSize(group),
      slotsFree: ready.reduce((free, candidate) => free + candidate.slotsTotal - candidate.slotsBusy, 0),
      slotsTotal: totals.reduce((sum, total) => sum + total, 0),
      serviceMs: this.#serviceTimes.of(group),
    };
  }

  serviceMs(model: string): number | null {
    const target = this.#deps.models.resolve(model);
    return target === null ? null : this.#serviceTimes.of(groupOf(target));
  }

  #lanesOf(instance: string): Set<string> {
    const serves = (lane: string): boolean => {
      const model = this.waiting.headAsk(lane)?.model;
      const target = model === undefined ? null : this.#deps.models.resolve(model);
      return target?.instances.some(({ name }) => name === instance) ?? false;
    };
    return new Set([...this.waiting.queue.lanes()].filter(serves));
  }

  #nextChange(now: number): number | null {
    if (this.waiting.queue.size === 0) return null;
    const times = [this.waiting.queue.nextChangeAt, this.instances.suspectUntil(now)].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }
}
