/** Puts the question of placement with all that is known of the instances, and remembers what came of it. */

import type { SlotAsk } from '../slots/slot-asks.ts';
import type { AffinityCounts, DirectoryInstance, Target } from '../types.ts';
import type { GatewayLimits } from '../limits.ts';
import { NO_AFFINITY } from './affinity.ts';
import { Decisions } from './decisions.ts';
import type { DecisionLine } from './decisions.ts';
import type { MirroredInstances } from './instance-mirror.ts';
import { NO_HINTS } from './placement-hints.ts';
import { place } from './placement.ts';
import type { Candidate, PlacementDecision, PlacementQuestion } from './placement.ts';
import { homeOf } from './rendezvous.ts';

interface PlacerDeps {
  readonly instances: MirroredInstances;
  readonly limits: Pick<GatewayLimits, 'strategy' | 'affinity'>;
  /** Free memory of a device, as last told. */
  readonly freeBytes: (device: string) => number;
}

export class Placer {
  readonly #deps: PlacerDeps;
  readonly #decisions = new Decisions();
  #atHome = 0;
  #elsewhere = 0;

  constructor(deps: PlacerDeps) {
    this.#deps = deps;
  }

  /** Null when none of the instances of the target is feasible now. */
  choose(ask: SlotAsk, target: Target, now: number): string | null {
    const { chosen, log } = this.#decide(ask, target, now);
    this.#decisions.note(ask.id, log);
    return chosen;
  }

  /** How often a conversation that had a choice of instances met the one that has its prompt. */
  get affinity(): AffinityCounts {
    return { home: this.#atHome, elsewhere: this.#elsewhere };
  }

  /** A slot of the instance was given for it. */
  noteGiven({ hints }: SlotAsk, { instances }: Target, given: string): void {
    const { limits, instances: mirrored } = this.#deps;
    if (!limits.affinity || instances.length < 2 || hints === undefined || hints.wish.prefer.length > 0) return;
    const key = hints.affinity();
    if (key === null) return;
    const homes = instances.map(({ name }) => ({ name, slotsTotal: mirrored.slots.total(name) }));
    const up = homes.filter(({ slotsTotal }) => slotsTotal > 0);
    if (up.length < 2) return;
    if (homeOf(key, up)?.name === given) this.#atHome++;
    else this.#elsewhere++;
  }

  candidates(target: Target, now: number): readonly Candidate[] {
    return this.#candidatesOf(target.instances, now);
  }

  #candidatesOf(declared: readonly DirectoryInstance[], now: number): readonly Candidate[] {
    return declared.map((instance) => this.#deps.instances.candidate(instance, now, this.#deps.freeBytes));
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
    return instances.some(({ name }) => slots.hasFree(name));
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

  /**
   * Only instances with a free slot are looked at closely, for there may be a thousand others; all of them where that says
   * more: when none is chosen, or when a breaker has a say in it.
   */
  #decide(ask: SlotAsk, target: Target, now: number): PlacementDecision {
    const question = this.#questionOf(ask);
    const { slots } = this.#deps.instances;
    const open = target.instances.filter(({ name }) => slots.hasFree(name));
    const candidates = this.#candidatesOf(open, now);
    if (candidates.every(({ breaker }) => breaker === 'closed')) {
      const { chosen, log } = place(question, candidates);
      if (chosen !== null) return { chosen, log: [...log, ...this.#closed(target)] };
    }
    return place(question, this.candidates(target, now));
  }

  #closed({ instances }: Target): DecisionLine[] {
    const { slots } = this.#deps.instances;
    return instances
      .filter(({ name }) => !slots.hasFree(name))
      .map(({ name }) => ({ instance: name, verdict: slots.total(name) === 0 ? 'not ready' : 'no free slot' }));
  }

  #questionOf(ask: SlotAsk): PlacementQuestion {
    const { limits } = this.#deps;
    const { wish, affinity } = ask.hints ?? NO_HINTS;
    return {
      contextTokens: ask.contextTokens,
      avoid: ask.avoid,
      prefer: wish.prefer,
      affinity: limits.affinity ? affinity : NO_AFFINITY,
      strategy: limits.strategy,
    };
  }
}
