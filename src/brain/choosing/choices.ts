/**
 * Keeps the choice of a model for tasks that name none: made anew before tasks are handed out, and when it has changed,
 * what is ready and waits for the old one is filed anew. What runs stays with the model that it has.
 */

import type { ModelWish } from '../../plans/index.ts';
import { refileBatches } from '../book.ts';
import type { Book } from '../book.ts';
import type { Known } from '../known.ts';
import type { AgentPort, CataloguePort, ModelsPort } from '../ports.ts';
import type { Loadable, ServedInstance } from '../placement/situation.ts';
import { chooseModel, wishKey, wordsOf } from './choose-model.ts';
import type { Offer, OfferState } from './choose-model.ts';

interface ChoosingDeps {
  readonly agents: Pick<AgentPort, 'devices'>;
  readonly models: Pick<ModelsPort, 'host' | 'instances' | 'loadable'>;
  readonly catalogue: Pick<CataloguePort, 'modelParameters'>;
}

export function renewChoices(book: Book, deps: ChoosingDeps): void {
  const batches = [...book.batches.values()].filter(({ wishes }) => wishes.length > 0);
  if (batches.length === 0) return;
  const offers = offersOf(deps);
  const wishes = new Map(batches.flatMap((batch) => batch.wishes.map((wish) => [wishKey(wish), wish] as const)));
  const changed = new Set([...wishes].filter(([, wish]) => isNew(book, wish, offers)).map(([key]) => key));
  if (changed.size === 0) return;
  refileBatches(
    book,
    batches.filter((batch) => batch.wishes.some((wish) => changed.has(wishKey(wish)))),
  );
}

function isNew({ choices }: Book, wish: ModelWish, offers: readonly Offer[]): boolean {
  const key = wishKey(wish);
  const choice = chooseModel(wish, offers);
  const before = choices.get(key);
  choices.set(key, choice);
  return before === undefined || before?.model !== choice?.model;
}

/** What was chosen for a task that named no model, and why; null for any other. */
export function choiceWords({ node, task }: Known, { choices }: Book): string | null {
  if (node.type === 'meta' || node.modelWish === undefined) return null;
  const choice = choices.get(wishKey(node.modelWish));
  // It may have changed since this task went.
  if (node.model) return `model ${node.model}${choice?.model === node.model ? ` (${choice.because})` : ''}`;
  if (task.status.kind !== 'ready') return null;
  return `waits for a model ${wordsOf(node.modelWish)}: none of the catalogue is known to be that`;
}

function offersOf({ agents, models, catalogue }: ChoosingDeps): Offer[] {
  const instances = models.instances();
  const largest = Math.max(0, ...agents.devices(models.host).map(({ totalBytes }) => totalBytes));
  return Object.entries(catalogue.modelParameters?.() ?? {}).map(([model, parameters]) => {
    const serving = instances.filter((instance) => instance.models.has(model));
    const loadable = models.loadable(model);
    const state = stateOf(serving, loadable);
    const [best] = serving.filter((instance) => instance.state === state);
    return { model, parameters, state, devices: best?.devices.length ?? devicesFor(loadable, largest) };
  });
}

function stateOf(serving: readonly ServedInstance[], loadable: Loadable | null): OfferState {
  if (serving.some(({ state }) => state === 'ready')) return 'ready';
  if (serving.some(({ state }) => state === 'coming')) return 'coming';
  return loadable === null ? 'stopped' : 'loadable';
}

function devicesFor(loadable: Loadable | null, largestBytes: number): number | null {
  if (loadable === null || largestBytes === 0) return null;
  return loadable.memoryBytes > largestBytes ? 2 : 1;
}
