/** What is told of the queue and the slots to those who ask: pictures, capacities, places. Changes nothing. */

import type { StartBook, Standing } from '../forecast/start-book.ts';
import { capacityOf } from '../placing/capacity.ts';
import type { DecisionLine } from '../placing/decisions.ts';
import type { MirroredInstances } from '../placing/instance-mirror.ts';
import type { Placer } from '../placing/placer.ts';
import { groupOf, prospectOf } from '../placing/targets.ts';
import type { Prospect, Wanted } from '../placing/targets.ts';
import type { QueuePicture } from '../queue/admission.ts';
import type { WaitingRoom } from '../queue/waiting-room.ts';
import type { ModelCapacity, ModelDirectory, Target } from '../types.ts';
import type { Grants } from './grants.ts';
import type { DispatcherPicture } from './slot-asks.ts';

export interface SlotViewsDeps {
  readonly models: ModelDirectory;
  readonly instances: MirroredInstances;
  readonly placer: Placer;
  readonly waiting: WaitingRoom;
  readonly grants: Grants;
  readonly starts: StartBook;
}

export class SlotViews {
  readonly #deps: SlotViewsDeps;

  constructor(deps: SlotViewsDeps) {
    this.#deps = deps;
  }

  picture(now: number): DispatcherPicture {
    const slots = [...this.#deps.instances.names()].map((name) => {
      const total = this.#deps.instances.reports.get(name)?.slotsTotal ?? 0;
      return [name, { busy: this.#deps.instances.slots.busy(name), total }] as const;
    });
    return {
      waiting: this.#deps.waiting.view(({ id }) => this.standing(id, now), now),
      forecast: this.#deps.starts.errors.quality(),
      slots: Object.fromEntries(slots),
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
    const ask = this.#deps.waiting.askOf(id);
    const prospect = ask === null ? null : this.#prospectOf(ask);
    if (prospect?.kind !== 'open') return { position: 0, startsInMs: null };
    const group = groupOf(prospect.target);
    return this.#deps.starts.standing({ id, group }, this.#deps.placer.ready(prospect.target, now), now);
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
    const ask = this.#deps.waiting.askOf(id);
    const prospect = ask === null ? null : this.#prospectOf(ask);
    if (ask !== null && prospect?.kind === 'open') this.#deps.placer.choose(ask, prospect.target, now);
    return this.#deps.placer.why(id);
  }

  #prospectOf(wanted: Wanted): Prospect {
    return prospectOf(wanted, this.#deps.models, this.#deps.instances.reports);
  }
}
