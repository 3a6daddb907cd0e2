/** Gives slots to those who are next: where placement finds one, or where batch work can be asked to make room. */

import type { StartBook } from '../forecast/start-book.ts';
import type { MirroredInstances } from '../placing/instance-mirror.ts';
import type { Placer } from '../placing/placer.ts';
import { groupOf } from '../placing/targets.ts';
import { tierAt } from '../queue/tiers.ts';
import type { Waiting } from '../queue/tiers.ts';
import type { WaitingRoom } from '../queue/waiting-room.ts';
import type { Target } from '../types.ts';
import type { GatewayLimits } from '../limits.ts';
import type { Grants } from './grants.ts';
import { mayTakeSlot, mustGiveWay, youngestFirst } from './interactive-first.ts';
import type { Runner } from './interactive-first.ts';
import { NeededSlots } from './needed-slots.ts';
import type { InstanceLease, SlotAsk } from './slot-asks.ts';
import type { SlotHold } from './slots.ts';

interface SlotGiverDeps {
  readonly limits: GatewayLimits;
  readonly instances: MirroredInstances;
  readonly placer: Placer;
  readonly waiting: WaitingRoom;
  readonly grants: Grants;
  readonly starts: StartBook;
  readonly onSlotUsed: (instance: string) => void;
  /** A lease was given back; told once for each. */
  readonly onReleased: (hold: SlotHold, request: Waiting, cost: number | null) => void;
}

export class SlotGiver {
  readonly #deps: SlotGiverDeps;
  readonly #needed = new NeededSlots();

  constructor(deps: SlotGiverDeps) {
    this.#deps = deps;
  }

  /** Answers who goes next in the lane with a lease; false when there is no slot for him now. */
  serve(lane: string, ask: SlotAsk, target: Target, now: number): boolean {
    const { instances, placer, waiting } = this.#deps;
    if (!this.maySucceed(ask, target, now)) return false;
    if (this.keepsSlotFrom(ask, target, now)) return false;
    const chosen = placer.choose(ask, target, now);
    if (chosen === null) this.#makeRoom(ask, lane, target, now);
    const hold = chosen === null || instances.address(chosen) === null ? null : instances.slots.hold(chosen);
    const request = hold === null ? null : waiting.queue.take(lane);
    if (hold === null || request === null) return false;
    placer.noteGiven(ask, target, hold.instance);
    this.#give(hold, request, now);
    return true;
  }

  /** Cheap: there is a free slot, or one that could become free. */
  maySucceed(ask: SlotAsk, target: Target, now: number): boolean {
    return this.#deps.placer.hasFreeSlot(target) || this.#willing(ask, target, now).length > 0;
  }

  /** It is batch work, and what is free stays free for interactive work. */
  keepsSlotFrom(ask: SlotAsk, target: Target, now: number): boolean {
    const { limits, waiting, placer } = this.#deps;
    const neededLately = this.#needed.isNeeded(groupOf(target), now);
    if (limits.interactiveFirst !== 'keep' && !neededLately) return false;
    if (waiting.queue.tierOf(ask.id) !== BATCH) return false;
    return !mayTakeSlot(limits.interactiveFirst, placer.room(target, now), neededLately);
  }

  /** When a slot that is kept from batch work may go to it; null when none is. */
  nextChange(now: number): number | null {
    return this.#needed.nextEnd(now);
  }

  #give(hold: SlotHold, request: Waiting, now: number): void {
    const { instances, waiting, grants, starts, onSlotUsed } = this.#deps;
    if (request.class === 'interactive') this.#needed.used(request.group, now);
    instances.noteGiven(hold.instance);
    onSlotUsed(hold.instance);
    starts.errors.began(request.id, now);
    const runner = grants.begin(hold, request, now);
    const engine = instances.address(hold.instance);
    if (engine !== null) waiting.answer(request.id, { kind: 'leased', lease: this.#lease(engine, hold, runner) });
  }

  #lease(engine: InstanceLease['engine'], hold: SlotHold, runner: Runner): InstanceLease {
    const { instances, grants, onReleased } = this.#deps;
    let released = false;
    return {
      engine,
      onGiveWay: (giveWay) => grants.canGiveWay(runner, giveWay),
      leave: () => grants.leave(runner),
      isHeld: () => !released && instances.slots.isHeld(hold),
      release: (cost) => {
        if (released) return;
        released = true;
        onReleased(hold, runner.request, cost);
      },
    };
  }

  /** Batch work that could go for it, on any instance of the target. */
  #willing(ask: SlotAsk, { instances }: Target, now: number): readonly Runner[] {
    const { limits, grants } = this.#deps;
    if (ask.class !== 'interactive' || limits.interactiveFirst === 'wait') return [];
    return grants.willingOn(instances).filter(({ request }) => tierAt(request, now, limits) === BATCH);
  }

  /** Has so many go, on instances that would be taken if they had a slot, that everybody in the lane gets one. */
  #makeRoom(ask: SlotAsk, lane: string, target: Target, now: number): void {
    const { limits, waiting, placer, grants } = this.#deps;
    if (!mustGiveWay(limits.interactiveFirst, placer.room(target, now).total)) return;
    const full = (placer.why(ask.id) ?? []).filter(({ verdict }) => verdict === 'no free slot');
    const names = full.map(({ instance }) => instance);
    let missing = waiting.queue.interactiveIn(lane) - grants.leavingOn(names);
    for (const runner of youngestFirst(
      this.#willing(ask, target, now).filter(({ instance }) => names.includes(instance)),
    )) {
      if (missing <= 0) return;
      if (!grants.askToGo(runner)) continue;
      this.#needed.gaveWay(groupOf(target), now);
      missing--;
    }
  }
}

/** The tier of batch work that was not promoted. */
const BATCH = 2;
