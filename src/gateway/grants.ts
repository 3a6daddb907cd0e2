/** Who runs in which slot since when: how long requests take there, when slots become free, who could make room. */

import { leftMs } from './forecast/start-forecast.ts';
import type { SlotLine } from './forecast/start-forecast.ts';
import type { Runner } from './interactive-first.ts';
import { ServiceTimes } from './service-times.ts';
import type { SlotHold } from './slots.ts';
import type { Waiting } from './tiers.ts';

export interface InstanceSlots {
  readonly name: string;
  readonly slotsTotal: number;
}

export class Grants {
  readonly times = new ServiceTimes();
  readonly #runners = new Map<string, Map<SlotHold, Runner>>();
  #batch = 0;

  /** Batch work that runs, anywhere. */
  get batch(): number {
    return this.#batch;
  }

  /** Milliseconds of one monotonic clock, as everywhere here. */
  begin(hold: SlotHold, request: Waiting, since: number): Runner {
    const runner: Runner = { request, since, giveWay: null, isLeaving: false };
    const there = this.#runners.get(hold.instance) ?? new Map<SlotHold, Runner>();
    this.#runners.set(hold.instance, there);
    there.set(hold, runner);
    if (request.class === 'batch') this.#batch++;
    return runner;
  }

  /** `counts`: it was served, so that it says how long that takes. */
  end(hold: SlotHold, counts: boolean, now: number): void {
    const runner = this.#runners.get(hold.instance)?.get(hold);
    if (runner === undefined) return;
    if (counts) this.times.record(runner.request.group, hold.instance, now - runner.since);
    this.#runners.get(hold.instance)?.delete(hold);
    if (runner.request.class === 'batch') this.#batch--;
  }

  on(instances: readonly string[]): readonly Runner[] {
    return instances.flatMap((name) => [...(this.#runners.get(name)?.values() ?? [])]);
  }

  /** Every slot of the instances as requests of the group will find it; null before one of them was served. */
  lines(group: string, instances: readonly InstanceSlots[], now: number): readonly SlotLine[] | null {
    if (this.times.of(group) === null) return null;
    return instances.flatMap(({ name, slotsTotal }) => {
      const serviceMs = this.times.on(group, name) ?? 0;
      const busy = this.on([name]).map(({ request, since }) => ({
        freeInMs: leftMs(this.times.on(request.group, name) ?? serviceMs, now - since),
        serviceMs,
      }));
      const free = Array.from({ length: Math.max(0, slotsTotal - busy.length) }, () => ({ freeInMs: 0, serviceMs }));
      return [...busy, ...free];
    });
  }

  forget(instance: string): void {
    this.#batch -= this.on([instance]).filter(({ request }) => request.class === 'batch').length;
    this.#runners.delete(instance);
    this.times.forget(instance);
  }
}
