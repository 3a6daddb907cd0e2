/**
 * Which models to load where: as many devices as the waiting work pays for, and none that script work makes better use
 * of. Pure. All work is counted in milliseconds of one slot.
 */

import { counted } from '../../kernel/index.ts';
import { placesFor } from './places.ts';
import type { Card, Claim, Loadable, ModelWork, Placement, Serving, Situation } from './situation.ts';

/** Loads under way in one group of devices. */
const LOADS_PER_GROUP = 1;
/** Work that waits behind scripts of other batches gets a device after this, paid for or not. */
const PATIENCE_MS = 300_000;
/**
 * How often the time of a load the work must fill its new instance before a device is taken from scripts. Those of the
 * same batch would have to run anyway, so that little is won by hurry.
 */
const PAYBACK = { none: 1, others: 4, own: 20 } as const;

/** Whose scripts would lose the device. */
type Contention = keyof typeof PAYBACK;

interface Chance {
  readonly card: Card;
  readonly contention: Contention;
  /** There is room at once; else tasks that run there must end first. */
  readonly hasRoom: boolean;
}

interface Loads {
  readonly loads: readonly Extract<Placement, { kind: 'load' }>[];
  readonly claims: readonly Claim[];
}

/** The longest-waiting work chooses first; a device is given once. */
export function decideLoads(situation: Situation): Loads {
  const loads: Extract<Placement, { kind: 'load' }>[] = [];
  const claims: Claim[] = [];
  const taken = new Set<string>();
  for (const work of situation.work.toSorted((a, b) => a.oldestAt - b.oldestAt)) {
    const loadable = work.waiting > 0 ? situation.loadable(work.model) : null;
    if (loadable === null) continue;
    let supply = supplyOf(situation, work.model, loadable);
    const limit = supply + loadable.slots * loadable.most;
    // A slot more than tasks is of no use, however long they are.
    const useful = busySlotsOf(situation, work.model) + work.waiting;
    while (supply < Math.min(limit, useful)) {
      const chance = bestChance(situation, { work, loadable, taken });
      const because = chance && reasonToLoad(situation, { work, loadable, supply, chance });
      if (!chance || because === null) break;
      taken.add(chance.card.id);
      supply += loadable.slots;
      if (chance.hasRoom && isGroupFree(situation, loads, chance.card)) {
        loads.push({ kind: 'load', model: work.model, device: chance.card.id, because });
      } else if (!chance.hasRoom) claims.push({ device: chance.card.id, model: work.model });
    }
  }
  return { loads, claims };
}

/** Slots that serve the model, or will when what is under way is done. */
function supplyOf({ instances, pending }: Situation, model: string, { slots }: Loadable): number {
  const there = instances
    .filter(({ models, state }) => models.has(model) && state !== 'other')
    .reduce((sum, instance) => sum + instance.slots, 0);
  return there + slots * pending.filter((placement) => placement.kind === 'load' && placement.model === model).length;
}

function busySlotsOf({ instances }: Situation, model: string): number {
  return instances.filter(({ models }) => models.has(model)).reduce((sum, { busySlots }) => sum + busySlots, 0);
}

interface Wanted {
  readonly work: ModelWork;
  readonly loadable: Loadable;
  readonly taken: ReadonlySet<string>;
}

/** A card where nobody loses most; of those one with room; of those the one with most of it. */
function bestChance(situation: Situation, wanted: Wanted): Chance | null {
  const { cards, pending, refused, instances } = situation;
  const { work, loadable, taken } = wanted;
  const isLoading = ({ id }: Card): boolean => pending.some((it) => it.kind === 'load' && it.device === id);
  const serves = ({ id }: Card): boolean =>
    instances.some((it) => it.models.has(work.model) && it.state !== 'other' && mayBeOn(it, id));
  const chances = placesFor(loadable, cards)
    .filter((card) => card.isOpen && !taken.has(card.id) && !isLoading(card) && !serves(card))
    .filter((card) => !refused.has(`${work.model} ${card.id}`))
    .filter((card) => card.totalBytes - card.instanceBytes >= loadable.memoryBytes)
    .map((card): Chance => ({
      card,
      contention: contentionOf(situation, card, wanted),
      hasRoom: roomOf(card) >= loadable.memoryBytes,
    }));
  return chances.toSorted(byLoss)[0] ?? null;
}

/** One that comes has no device before its agent has told which. */
function mayBeOn({ devices }: Serving, device: string): boolean {
  return devices.length === 0 || devices.includes(device);
}

const LOSS: Readonly<Record<Contention, number>> = { none: 0, others: 1, own: 2 };

function byLoss(a: Chance, b: Chance): number {
  return (
    LOSS[a.contention] - LOSS[b.contention] ||
    Number(b.hasRoom) - Number(a.hasRoom) ||
    a.card.taskBytes - b.card.taskBytes ||
    roomOf(b.card) - roomOf(a.card) ||
    a.card.id.localeCompare(b.card.id)
  );
}

function roomOf({ totalBytes, instanceBytes, taskBytes }: Card): number {
  return totalBytes - instanceBytes - taskBytes;
}

/** Scripts lose a device when they could run there now, and could not beside the model. */
function contentionOf({ scripts }: Situation, card: Card, { work, loadable }: Wanted): Contention {
  const most = card.taskBudgetBytes - card.instanceBytes;
  const losers = scripts.filter(({ memoryBytes, waiting }) => {
    return waiting > 0 && memoryBytes <= most && memoryBytes > most - loadable.memoryBytes;
  });
  if (losers.length === 0) return 'none';
  return losers.every(({ batchId }) => work.batches.has(batchId)) ? 'own' : 'others';
}

interface Deal {
  readonly work: ModelWork;
  readonly loadable: Loadable;
  readonly supply: number;
  readonly chance: Chance;
}

/** In words, or null when it does not pay. */
function reasonToLoad({ now }: Situation, { work, loadable, supply, chance }: Deal): string | null {
  const { contention, card } = chance;
  const totalMs = work.waiting * work.taskMs;
  const tasks = `${counted(work.waiting, 'task waits', 'tasks wait')} for ${work.model}`;
  if (supply === 0 && contention === 'none' && chance.hasRoom) return `${tasks} and no instance serves it`;
  if (supply === 0 && contention === 'others' && now - work.oldestAt >= PATIENCE_MS) {
    return `${tasks}, one for ${seconds(now - work.oldestAt)}, and scripts of other batches hold the devices`;
  }
  const usefulMs = contention === 'none' && supply > 0 ? totalMs / supply : totalMs / (supply + loadable.slots);
  if (contention === 'none' && !chance.hasRoom) return null;
  if (usefulMs <= PAYBACK[contention] * loadable.loadMs) return null;
  return `${tasks}, ${seconds(totalMs)} of work for ${counted(supply, 'slot')}, and a load into ${card.id} takes ${seconds(loadable.loadMs)}`;
}

function isGroupFree({ cards, pending, instances }: Situation, loads: Loads['loads'], { loadGroup }: Card): boolean {
  const inGroup = new Set(cards.filter((card) => card.loadGroup === loadGroup).map(({ id }) => id));
  const asked = [...pending, ...loads].filter((it) => it.kind === 'load' && inGroup.has(it.device)).length;
  const coming = instances.filter(({ state, devices }) => state === 'coming' && devices.some((id) => inGroup.has(id)));
  return asked + coming.length < LOADS_PER_GROUP;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
