/**
 * The state behind the dispatcher's mailbox: the queue, the slots and the picture of the instances, changed by `handle`
 * alone. What it decides comes from the pure files; what it answers are leases and reasons.
 */

import { assertNever } from '../kernel/index.ts';
import type { Clock, Log, Random } from '../kernel/index.ts';
import type { InstanceReport } from '../contract/index.ts';
import { admit } from './admission.ts';
import type { QueuePicture } from './admission.ts';
import { availabilityOf } from './availability.ts';
import { MirroredInstances } from './instance-mirror.ts';
import type { EngineAddress } from './instance-mirror.ts';
import { nearNames } from './near-names.ts';
import { place } from './placement.ts';
import type { PlacementDecision } from './placement.ts';
import { RequestQueue } from './queue.ts';
import type { Waiting } from './queue.ts';
import { refusalError } from './refusals.ts';
import type { Refusal } from './refusals.ts';
import { ServiceTimes } from './service-times.ts';
import type { SlotHold } from './slots.ts';
import type { GatewayLimits, ModelCapacity, ModelDirectory, RequestClass, Target, WaitingView } from './types.ts';

/** What somebody who wants a slot says. Times are monotonic milliseconds. */
export interface SlotAsk {
  readonly id: string;
  /** Instance name, alias or catalogue id. */
  readonly model: string;
  readonly key: string;
  readonly class: RequestClass;
  readonly cost: number;
  readonly arrivedAt: number;
  readonly expiresAt: number | null;
  readonly contextTokens: number | null;
  readonly avoid: ReadonlySet<string>;
}

/** A slot of one instance, held until `release`. */
export interface InstanceLease {
  readonly engine: EngineAddress;
  /** Names the process; another one after a restart. */
  isHeld(): boolean;
  /** `cost` in tokens corrects what the key was charged; null: nothing was used. Further calls do nothing. */
  release(cost: number | null): void;
}

export type SlotAnswer =
  | { readonly kind: 'leased'; readonly lease: InstanceLease }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface DispatcherPicture {
  readonly waiting: readonly WaitingView[];
  readonly slots: Readonly<Record<string, { readonly busy: number; readonly total: number }>>;
  readonly serviceMs: (model: string) => number | null;
}

export interface SlotOwnerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly models: ModelDirectory;
  readonly limits: GatewayLimits;
}

export interface Pending {
  readonly ask: SlotAsk;
  readonly answer: (answer: SlotAnswer) => void;
}

export type Message =
  | { readonly kind: 'asked'; readonly pending: Pending }
  | { readonly kind: 'withdrawn'; readonly id: string }
  | { readonly kind: 'released'; readonly hold: SlotHold; readonly grant: Grant; readonly cost: number | null }
  | { readonly kind: 'suspected'; readonly instance: string }
  | { readonly kind: 'instances-set'; readonly reports: readonly InstanceReport[] }
  | { readonly kind: 'instance-reported'; readonly report: InstanceReport }
  | { readonly kind: 'instance-gone'; readonly name: string }
  | { readonly kind: 'directory-changed' }
  | { readonly kind: 'woke' };

interface Grant {
  readonly request: Waiting;
  readonly at: number;
}

export class SlotOwner {
  readonly queue: RequestQueue;
  readonly instances = new MirroredInstances();
  readonly #deps: SlotOwnerDeps;
  readonly #post: (message: Message) => void;
  readonly #pending = new Map<string, Pending>();
  readonly #serviceTimes = new ServiceTimes();
  #alarm: { readonly at: number; readonly timer: Disposable } | null = null;

  constructor(deps: SlotOwnerDeps, post: (message: Message) => void) {
    this.#deps = deps;
    this.#post = post;
    this.queue = new RequestQueue(deps.limits);
  }

  handle(message: Message): void {
    const now = this.#deps.clock.monotonic();
    this.#expire(now);
    this.#apply(message, now);
    this.#setAlarm(now);
  }

  picture(now: number): DispatcherPicture {
    const waiting = [...this.queue.waiting()].map((request) => ({
      id: request.id,
      model: this.#pending.get(request.id)?.ask.model ?? request.group,
      key: request.key,
      class: request.class,
      position: this.queue.position(request.id),
      waitedMs: Math.round(now - request.arrivedAt),
    }));
    const slots = [...this.instances.names()].map((name) => {
      const total = this.instances.reports.get(name)?.slotsTotal ?? 0;
      return [name, { busy: this.instances.slots.busy(name), total }] as const;
    });
    return { waiting, slots: Object.fromEntries(slots), serviceMs: (model) => this.#serviceOf(model) };
  }

  capacity(model: string): ModelCapacity {
    const target = this.#deps.models.resolve(model);
    const refusal = this.#obstacle(model, target);
    if (refusal !== null || target === null) return { slots: 0, reason: refusal && refusalError(refusal).message };
    const reports = target.instances.map(({ name }) => this.instances.reports.get(name));
    const ready = reports.filter((report) => report?.state === 'ready');
    const slots = ready.reduce((sum, report) => sum + (report?.slotsTotal ?? 0), 0);
    return { slots, reason: slots > 0 ? null : `no instance of "${model}" is ready` };
  }

  /** No alarm rings any more. */
  stop(): void {
    this.#alarm?.timer[Symbol.dispose]();
  }

  #apply(message: Message, now: number): void {
    switch (message.kind) {
      case 'asked':
        return this.#onAsked(message.pending, now);
      case 'withdrawn':
        return this.#onWithdrawn(message.id);
      case 'released':
        return this.#onReleased(message.hold, message.grant, message.cost, now);
      case 'suspected':
        return this.instances.suspect(message.instance, now);
      case 'instances-set':
        return this.#onInstancesSet(message.reports, now);
      case 'instance-reported':
        this.instances.set(message.report);
        return this.#review(now);
      case 'instance-gone':
        this.instances.remove(message.name);
        return this.#review(now);
      case 'directory-changed':
      case 'woke':
        return this.#review(now);
      default:
        return assertNever(message);
    }
  }

  #onAsked(pending: Pending, now: number): void {
    const { ask, answer } = pending;
    const target = this.#deps.models.resolve(ask.model);
    const refusal = this.#obstacle(ask.model, target);
    if (target === null || refusal !== null)
      return answer({ kind: 'refused', refusal: refusal ?? { kind: 'closing' } });
    const request = toWaiting(ask, target);
    const picture = this.#picture(request.group, target, now);
    const admission = admit(picture, this.#deps.limits, this.#deps.random);
    if (admission.kind === 'rejected') {
      const { retryAfterMs } = admission;
      return answer({
        kind: 'refused',
        refusal: { kind: 'full', model: ask.model, waiting: picture.waiting, retryAfterMs },
      });
    }
    this.#pending.set(ask.id, pending);
    this.queue.push(request, now);
    this.#pump(new Set([request.lane]), now);
  }

  #onWithdrawn(id: string): void {
    const request = this.queue.remove(id);
    if (request !== null) this.#refuse(request, { kind: 'withdrawn' });
  }

  #onReleased(hold: SlotHold, grant: Grant, cost: number | null, now: number): void {
    this.queue.settle(grant.request, cost ?? 0);
    if (cost !== null) this.#serviceTimes.record(grant.request.group, now - grant.at);
    if (this.instances.slots.release(hold)) this.#pump(this.#lanesOf(hold.instance), now);
  }

  #onInstancesSet(reports: readonly InstanceReport[], now: number): void {
    const named = new Set(reports.map((report) => report.name));
    for (const name of this.instances.names()) if (!named.has(name)) this.instances.remove(name);
    for (const report of reports) this.instances.set(report);
    this.#review(now);
  }

  /** After any change around the queue: what cannot be served any more is told so, what can be served now is. */
  #review(now: number): void {
    const hopeless = [...this.queue.lanes()].flatMap((lane) => {
      const model = this.#headAsk(lane)?.model;
      const refusal = model === undefined ? null : this.#obstacle(model, this.#deps.models.resolve(model));
      return refusal === null ? [] : [{ lane, refusal }];
    });
    for (const { lane, refusal } of hopeless) this.#refuseLane(lane, refusal);
    this.#pump(new Set(this.queue.lanes()), now);
  }

  /** Serves the lanes, best head first, until none of their heads finds a slot. */
  #pump(open: Set<string>, now: number): void {
    for (let lane = this.queue.first(open); lane !== null; lane = this.queue.first(open)) {
      if (!this.#serveHead(lane, now)) open.delete(lane);
    }
  }

  #serveHead(lane: string, now: number): boolean {
    const ask = this.#headAsk(lane);
    const target = ask === null ? null : this.#deps.models.resolve(ask.model);
    if (ask === null || target === null) return false;
    const { chosen } = this.#placement(ask, target, now);
    const engine = chosen === null ? null : this.instances.address(chosen);
    const hold = chosen === null ? null : this.instances.slots.hold(chosen);
    if (engine === null || hold === null) return false;
    const request = this.queue.take(lane);
    if (request === null) return false;
    this.#answer(request.id, { kind: 'leased', lease: this.#lease(engine, hold, { request, at: now }) });
    return true;
  }

  #placement(ask: SlotAsk, target: Target, now: number): PlacementDecision {
    return place(
      ask,
      target.instances.map((instance) => this.instances.candidate(instance.name, now)),
    );
  }

  #lease(engine: EngineAddress, hold: SlotHold, grant: Grant): InstanceLease {
    let released = false;
    return {
      engine,
      isHeld: () => !released && this.instances.slots.isHeld(hold),
      release: (cost) => {
        if (released) return;
        released = true;
        this.#post({ kind: 'released', hold, grant, cost });
      },
    };
  }

  #obstacle(model: string, target: Target | null): Refusal | null {
    if (target === null) {
      return {
        kind: 'unknown-model',
        model,
        near: nearNames(
          model,
          this.#deps.models.list().map(({ name }) => name),
        ),
      };
    }
    const availability = availabilityOf(target, this.instances.reports);
    return availability.kind === 'available' ? null : { model, ...availability };
  }

  #picture(group: string, target: Target, now: number): QueuePicture {
    const candidates = target.instances.map((instance) => this.instances.candidate(instance.name, now));
    const ready = candidates.filter((candidate) => candidate.state === 'ready' && !candidate.suspect);
    const totals = target.instances.map(({ name }) => this.instances.reports.get(name)?.slotsTotal ?? 0);
    return {
      waiting: this.queue.groupSize(group),
      slotsFree: ready.reduce((free, candidate) => free + candidate.slotsTotal - candidate.slotsBusy, 0),
      slotsTotal: totals.reduce((sum, total) => sum + total, 0),
      serviceMs: this.#serviceTimes.of(group),
    };
  }

  #serviceOf(model: string): number | null {
    const target = this.#deps.models.resolve(model);
    return target === null ? null : this.#serviceTimes.of(groupOf(target));
  }

  #lanesOf(instance: string): Set<string> {
    const serves = (lane: string): boolean => {
      const model = this.#headAsk(lane)?.model;
      const target = model === undefined ? null : this.#deps.models.resolve(model);
      return target?.instances.some(({ name }) => name === instance) ?? false;
    };
    return new Set([...this.queue.lanes()].filter(serves));
  }

  #headAsk(lane: string): SlotAsk | null {
    const head = this.queue.head(lane);
    return head === null ? null : (this.#pending.get(head.id)?.ask ?? null);
  }

  #expire(now: number): void {
    for (const request of this.queue.advance(now)) {
      const model = this.#pending.get(request.id)?.ask.model ?? request.group;
      this.#refuse(request, { kind: 'waited-too-long', model, waitedMs: Math.round(now - request.arrivedAt) });
    }
  }

  #refuseLane(lane: string, refusal: Refusal): void {
    for (const request of this.queue.waiting()) if (request.lane === lane) this.#refuse(request, refusal);
  }

  #refuse(request: Waiting, refusal: Refusal): void {
    this.queue.remove(request.id);
    this.#answer(request.id, { kind: 'refused', refusal });
  }

  #answer(id: string, answer: SlotAnswer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.answer(answer);
  }

  #setAlarm(now: number): void {
    const at = this.queue.size === 0 ? null : this.#nextChange(now);
    if (at === (this.#alarm?.at ?? null)) return;
    this.#alarm?.timer[Symbol.dispose]();
    this.#alarm = at === null ? null : { at, timer: this.#deps.clock.after(at - now, () => this.#wake()) };
  }

  #wake(): void {
    this.#alarm = null;
    this.#post({ kind: 'woke' });
  }

  #nextChange(now: number): number | null {
    const times = [this.queue.nextChangeAt, this.instances.suspectUntil(now)].filter((at) => at !== null);
    return times.length === 0 ? null : Math.min(...times);
  }
}

/** Requests of one model share fair shares and bound, whatever name they used for it. */
function groupOf(target: Target): string {
  if (target.kind === 'model') return `model ${target.name}`;
  const ids = new Set(target.instances.map((instance) => instance.modelId));
  const [id] = ids;
  return ids.size === 1 && id !== undefined && id !== null ? `model ${id}` : `${target.kind} ${target.name}`;
}

function toWaiting(ask: SlotAsk, target: Target): Waiting {
  const group = groupOf(target);
  return {
    id: ask.id,
    group,
    lane: `${group} as ${ask.model}`,
    key: ask.key,
    class: ask.class,
    cost: ask.cost,
    arrivedAt: ask.arrivedAt,
    expiresAt: ask.expiresAt,
  };
}
