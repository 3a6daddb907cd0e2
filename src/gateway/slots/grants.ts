/** Who runs in which slot since when: how long requests take there, when slots become free, who could make room. */

import { ServiceTimes } from '../forecast/service-times.ts';
import { leftMs } from '../forecast/start-forecast.ts';
import type { SlotLine } from '../forecast/start-forecast.ts';
import type { Waiting } from '../queue/tiers.ts';
import type { Runner } from './interactive-first.ts';
import type { SlotHold } from './slots.ts';

export interface InstanceSlots {
  readonly name: string;
  readonly slotsTotal: number;
}

/** What runs on one instance. */
interface Running {
  readonly all: Map<SlotHold, Runner>;
  /** Batch work that has not been asked to go, and can be. */
  readonly willing: Set<Runner>;
  /** Their slots come back as soon as the engine lets go: it was asked to go and goes, or has been left. */
  readonly leaving: Set<Runner>;
}

const NOTHING: Pick<Running, 'all' | 'leaving'> = { all: new Map(), leaving: new Set() };

/** An engine looks about once a second for a client that has left. */
const LETTING_GO_MS = 1_000;

export class Grants {
  readonly times = new ServiceTimes();
  readonly #running = new Map<string, Running>();

  /** Milliseconds of one monotonic clock, as everywhere here. */
  begin(hold: SlotHold, request: Waiting, since: number): Runner {
    const runner: Runner = { instance: hold.instance, request, since };
    const there = this.#running.get(hold.instance) ?? { all: new Map(), willing: new Set(), leaving: new Set() };
    this.#running.set(hold.instance, there);
    there.all.set(hold, runner);
    return runner;
  }

  /** Batch work says how it can be asked to go; it is asked once. */
  canGiveWay(runner: Runner, giveWay: () => boolean): void {
    runner.giveWay = giveWay;
    if (runner.request.class === 'batch') this.#running.get(runner.instance)?.willing.add(runner);
  }

  /** `counts`: it was served, so that it says how long that takes. */
  end(hold: SlotHold, counts: boolean, now: number): void {
    const there = this.#running.get(hold.instance);
    const runner = there?.all.get(hold);
    if (there === undefined || runner === undefined) return;
    if (counts) this.times.record(runner.request.group, hold.instance, now - runner.since);
    there.all.delete(hold);
    there.willing.delete(runner);
    there.leaving.delete(runner);
  }

  willingOn(instances: readonly Pick<InstanceSlots, 'name'>[]): readonly Runner[] {
    const willing: Runner[] = [];
    for (const { name } of instances) {
      const there = this.#running.get(name);
      if (there !== undefined && there.willing.size > 0) willing.push(...there.willing);
    }
    return willing;
  }

  leavingOn(instances: readonly string[]): number {
    return instances.reduce((sum, name) => sum + (this.#running.get(name)?.leaving.size ?? 0), 0);
  }

  /** Whether it goes. */
  askToGo(runner: Runner): boolean {
    this.#running.get(runner.instance)?.willing.delete(runner);
    const goes = runner.giveWay?.() ?? false;
    if (goes) this.leave(runner);
    return goes;
  }

  /** Of a process that has gone since, nothing is left to come back. */
  leave(runner: Runner): void {
    const there = this.#running.get(runner.instance);
    if (there === undefined || ![...there.all.values()].includes(runner)) return;
    there.willing.delete(runner);
    there.leaving.add(runner);
  }

  /** Every slot of the instances as requests of the group will find it; null before one of them was served. */
  lines(group: string, instances: readonly InstanceSlots[], now: number): readonly SlotLine[] | null {
    if (this.times.of(group) === null) return null;
    return instances.flatMap(({ name, slotsTotal }) => {
      const serviceMs = this.times.on(group, name) ?? 0;
      const { all, leaving } = this.#running.get(name) ?? NOTHING;
      const busy = [...all.values()].map((runner) => {
        const usualMs = this.times.on(runner.request.group, name) ?? serviceMs;
        const ms = leftMs(usualMs, now - runner.since);
        return { freeInMs: leaving.has(runner) ? Math.min(ms, LETTING_GO_MS) : ms, serviceMs };
      });
      const free = Array.from({ length: Math.max(0, slotsTotal - busy.length) }, () => ({ freeInMs: 0, serviceMs }));
      return [...busy, ...free];
    });
  }

  forget(instance: string): void {
    this.#running.delete(instance);
    this.times.forget(instance);
  }
}
