/** Which model does a task that names none and says what it must be like: `llm_min_tier`, `llm_placement`. Pure. */

import { tierOf } from '../../plans/index.ts';
import type { CompiledPlan, ModelWish } from '../../plans/index.ts';

/** A model of the catalogue whose size is known. */
export interface Offer {
  readonly model: string;
  readonly parameters: number;
  readonly state: OfferState;
  /** Devices that it lies on, or would; null when that is not known. */
  readonly devices: number | null;
}

/** `stopped`: only a person can bring it back. */
export type OfferState = 'ready' | 'coming' | 'loadable' | 'stopped';

export interface Choice {
  readonly model: string;
  /** In words that go on after its name. */
  readonly because: string;
}

const ORDER: Readonly<Record<OfferState, number>> = { ready: 0, coming: 1, loadable: 2, stopped: 3 };

const STATE_WORDS: Readonly<Record<OfferState, string>> = {
  ready: ' that is loaded',
  coming: ' that is being loaded',
  loadable: ' that can be loaded',
  stopped: '',
};

/** Those that are loaded come first, and of them the smallest that does; null when none does. */
export function chooseModel(wish: ModelWish, offers: readonly Offer[]): Choice | null {
  const [best] = offers
    .filter((offer) => meets(wish, offer))
    .toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || a.parameters - b.parameters || (a.model < b.model ? -1 : 1));
  if (!best) return null;
  return { model: best.model, because: `the smallest ${wordsOf(wish)}${STATE_WORDS[best.state]}` };
}

function meets({ minTier, placement }: ModelWish, { parameters, devices }: Offer): boolean {
  if (tierOf(parameters) < minTier) return false;
  return placement === undefined || devices === null || devices > 1 === (placement === 'split_gpu');
}

export function wordsOf({ minTier, placement }: ModelWish): string {
  const tier = minTier === 1 ? 'of any tier' : `of tier ${minTier} or more`;
  if (placement === undefined) return tier;
  return `${tier} ${placement === 'split_gpu' ? 'split over several devices' : 'on one device'}`;
}

export function wishKey({ minTier, placement }: ModelWish): string {
  return `${minTier} ${placement ?? 'anywhere'}`;
}

/** What the tasks of a plan say of models that they do not name, each once. */
export function wishesOf({ nodes }: CompiledPlan): readonly ModelWish[] {
  const wishes = new Map<string, ModelWish>();
  for (const node of nodes) {
    if (node.type !== 'meta' && node.modelWish !== undefined) wishes.set(wishKey(node.modelWish), node.modelWish);
  }
  return [...wishes.values()];
}
