/** Puts the question of placement with all that is known of the instances, and remembers what came of it. */

import type { SlotAsk } from '../slots/slot-asks.ts';
import type { GatewayLimits, Target } from '../types.ts';
import { NO_AFFINITY } from './affinity.ts';
import { Decisions } from './decisions.ts';
import type { DecisionLine } from './decisions.ts';
import type { MirroredInstances } from './instance-mirror.ts';
import { NO_HINTS } from './placement-hints.ts';
import { place } from './placement.ts';
import type { Candidate } from './placement.ts';

export interface PlacerDeps {
  readonly instances: MirroredInstances;
  readonly limits: Pick<GatewayLimits, 'strategy' | 'affinity'>;
  /** Free memory of a device, as last told. */
  readonly freeBytes: (device: string) => number;
}

export class Placer {
  readonly #deps: PlacerDeps;
  readonly #decisions = new Decisions();

  constructor(deps: PlacerDeps) {
    this.#deps = deps;
  }

  /** Null when none of the instances of the target is feasible now. */
  choose(ask: SlotAsk, target: Target, now: number): string | null {
    const { chosen, log } = this.#decide(ask, target, now);
    this.#decisions.note(ask.id, log);
    return chosen;
  }

  candidates(target: Target, now: number): readonly Candidate[] {
    return target.instances.map((instance) => this.#deps.instances.candidate(instance, now, this.#deps.freeBytes));
  }

  /** Those of the target that take requests, with a free slot or without. */
  ready(target: Target, now: number): readonly Candidate[] {
    return this.candidates(target, now).filter(
      ({ state, suspect, drained, leaving }) => state === 'ready' && !suspect && !drained && !leaving,
    );
  }

  /** Cheap: whether looking for a place can have any success. */
  hasFreeSlot({ instances }: Target): boolean {
    const { slots } = this.#deps.instances;
    return instances.some(({ name }) => slots.busy(name) < slots.total(name));
  }

  /** Their slots. */
  room(target: Target, now: number): { readonly free: number; readonly total: number } {
    const ready = this.ready(target, now);
    const total = ready.reduce((sum, { slotsTotal }) => sum + slotsTotal, 0);
    return { free: total - ready.reduce((sum, { slotsBusy }) => sum + slotsBusy, 0), total };
  }

  /** Why a request went where it went, or what kept it from every instance when it was looked at last. */
  why(id: string): readonly DecisionLine[] | null {
    return this.#decisions.of(id);
  }

  #decide(ask: SlotAsk, target: Target, now: number) {
    const { limits } = this.#deps;
    const { wish, affinity } = ask.hints ?? NO_HINTS;
    const question = {
      contextTokens: ask.contextTokens,
      avoid: ask.avoid,
      prefer: wish.prefer,
      affinity: limits.affinity ? affinity : NO_AFFINITY,
      strategy: limits.strategy,
    };
    return place(question, this.candidates(target, now));
  }
}
