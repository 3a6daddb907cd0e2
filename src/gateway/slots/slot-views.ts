/** What is told of the queue and the slots to those who ask: pictures, capacities, places. Changes no queue and no slot. */

import type { StartBook, Standing } from '../forecast/start-book.ts';
import { capacityOf } from '../placing/capacity.ts';
import type { DecisionLine } from '../placing/decisions.ts';
import type { MirroredInstances } from '../placing/instance-mirror.ts';
import { hasSound } from '../placing/placement.ts';
import type { Placer } from '../placing/placer.ts';
import { groupOf, prospectOf } from '../placing/targets.ts';
import type { Prospect, Wanted } from '../placing/targets.ts';
import type { QueuePicture } from '../queue/admission.ts';
import type { WaitingRoom } from '../queue/waiting-room.ts';
import type { ModelCapacity, ModelDirectory, Target } from '../types.ts';
import type { WakeCall, WakeCourse } from '../waking/wake-calls.ts';
import type { Grants } from './grants.ts';
import type { DispatcherPicture, SlotAsk } from './slot-asks.ts';

interface SlotViewsDeps {
  readonly models: ModelDirectory;
  readonly instances: MirroredInstances;
  readonly placer: Placer;
  readonly waiting: WaitingRoom;
  readonly grants: Grants;
  readonly starts: StartBook;
  readonly courseOf: (call: WakeCall) => WakeCourse | null;
  readonly keepsSlotFrom: (ask: SlotAsk, target: Target, now: number) => boolean;
}

type OpenProspect = Extract<Prospect, { readonly kind: 'open' }>;

export class SlotViews {
  readonly #deps: SlotViewsDeps;

  constructor(deps: SlotViewsDeps) {
    this.#deps = deps;
  }

  picture(now: number): DispatcherPicture {
    const { instances, placer } = this.#deps;
    const names = [...instances.names()];
    const slots = names.map(
      (name) => [name, { busy: instances.slots.busy(name), total: this.#slotsOf(name) }] as const,
    );
    const breakers = names.map((name) => [name, instances.breaker(name, now).kind] as const);
    return {
      waiting: this.#deps.waiting.view(({ id }) => this.standing(id, now), now),
      forecast: this.#deps.starts.errors.quality(),
      slots: Object.fromEntries(slots),
      breakers: Object.fromEntries(breakers),
      affinity: placer.affinity,
      serviceMs: (model) => this.serviceMs(model),
    };
  }

  /** Slots of instances on `strained` devices are not counted. */
  capacity(model: string, strained: ReadonlySet<string>): ModelCapacity {
    return capacityOf(model, this.#prospectOf({ model }), { reports: this.#deps.instances.reports, strained });
  }

  /** For admission. */
  queue(group: string, target: Target, now: number): QueuePicture {
    return {
      waiting: this.#deps.waiting.queue.groupSize(group),
      slotsFree: () => this.#deps.placer.room(target, now).free,
      slotsTotal: () => target.instances.reduce((sum, { name }) => sum + this.#slotsOf(name), 0),
      serviceMs: this.#deps.grants.times.of(group),
      oldestBatch: () => this.#deps.waiting.queue.oldestBatch(group)?.id ?? null,
    };
  }

  /** Where one who waits stands. */
  standing(id: string, now: number): Standing {
    const waits = this.#whatWaits(id);
    if (waits === null) return { position: 0, startsInMs: null };
    const group = groupOf(waits.target);
    const kept = this.#deps.keepsSlotFrom(waits.ask, waits.target, now) ? 1 : 0;
    return this.#deps.starts.standing({ id, group }, this.#deps.placer.ready(waits.target, now), now, kept);
  }

  /** Whether a sound instance would take it, if not now then soon. */
  hasSound(wanted: Wanted, contextTokens: number | null, now: number): boolean {
    const prospect = this.#prospectOf(wanted);
    return prospect.kind === 'open' && hasSound(this.#deps.placer.candidates(prospect.target, now), contextTokens);
  }

  /** Smoothed duration of one request of the model in a slot; null before the first. */
  serviceMs(model: string): number | null {
    const target = this.#deps.models.resolve(model);
    return target === null ? null : this.#deps.grants.times.of(groupOf(target));
  }

  #slotsOf(instance: string): number {
    return this.#deps.instances.reports.get(instance)?.slotsTotal ?? 0;
  }

  /** Why one who waits gets no slot, as it is now; else why it went where it went. */
  why(id: string, now: number): readonly DecisionLine[] | null {
    const waits = this.#whatWaits(id);
    if (waits !== null) this.#deps.placer.choose(waits.ask, waits.target, now);
    return this.#deps.placer.why(id);
  }

  /** How far that has come which has to get up for one who waits; null when nothing has to, or nothing is known. */
  waking(id: string): WakeCourse | null {
    const availability = this.#whatWaits(id)?.availability;
    return availability?.kind === 'asleep' ? this.#deps.courseOf(availability.call) : null;
  }

  /** Null for what does not wait, or for what cannot be served any more. */
  #whatWaits(id: string): (OpenProspect & { readonly ask: SlotAsk }) | null {
    const ask = this.#deps.waiting.askOf(id);
    const prospect = ask === null ? null : this.#prospectOf(ask);
    return ask === null || prospect?.kind !== 'open' ? null : { ask, ...prospect };
  }

  #prospectOf(wanted: Wanted): Prospect {
    return prospectOf(wanted, this.#deps.models, this.#deps.instances.reports);
  }
}
