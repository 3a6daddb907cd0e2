/** Which idle instances to put to sleep because other work starves for their memory. Pure. */

import { counted } from '../../kernel/index.ts';
import type { Card, ModelWork, Placement, ScriptWork, Serving, Situation } from './situation.ts';

/** An instance must have been idle for this long … */
const IDLE_MS = 90_000;
/** … and ready for this long, so that what was loaded is not unloaded before it is of use. */
const READY_MS = 120_000;
/** The same for people. */
export const UNLOAD_AFTER = `models stay until they are idle for ${IDLE_MS / 1_000} s and loaded for ${READY_MS / 1_000} s`;

type Unload = Extract<Placement, { kind: 'unload' }>;

/** Those idle for longest go first; each need is met once. */
export function decideUnloads(situation: Situation): readonly Unload[] {
  const unloads: Unload[] = [];
  const left = situation.instances
    .filter((instance) => isDispensable(situation, instance))
    .toSorted((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
  const needs = [
    ...situation.scripts.map(fromScripts),
    ...situation.work.flatMap((work) => fromModel(situation, work)),
  ];
  for (const need of needs) {
    let starving = need.count - placesComing(situation, need);
    for (const instance of left) {
      if (starving <= 0) break;
      const places = unloads.some((it) => it.instance === instance.name) ? 0 : placesWithout(situation, instance, need);
      if (places === 0) continue;
      starving -= places;
      unloads.push({ kind: 'unload', instance: instance.name, because: `${instance.name} is idle and ${need.words}` });
    }
  }
  return unloads;
}

/** When the next instance will have been idle for long enough, epoch ms; null when none will be. */
export function nextUnloadAt({ instances }: Pick<Situation, 'instances'>): number | null {
  const times = instances.flatMap((instance) => dispensableAt(instance) ?? []);
  return times.length === 0 ? null : Math.min(...times);
}

/** From when it may be put to sleep if nobody uses it meanwhile, epoch ms; null: not as things are. */
export function dispensableAt({ state, isPinned, idleSince, readyAt }: Serving): number | null {
  if (state !== 'ready' || isPinned || idleSince === null || readyAt === null) return null;
  return Math.max(idleSince + IDLE_MS, readyAt + READY_MS);
}

function isDispensable({ now, work }: Situation, instance: Serving): boolean {
  const at = dispensableAt(instance);
  return at !== null && at <= now && !work.some(({ model, waiting }) => waiting > 0 && instance.models.has(model));
}

/** Something that has no room. */
interface Need {
  readonly count: number;
  readonly memoryBytes: number;
  readonly words: string;
  /** What a card can give it beside instances of this size. */
  readonly roomOn: (card: Card, instanceBytes: number) => number;
}

function fromScripts({ waiting, memoryBytes, batchId }: ScriptWork): Need {
  return {
    count: waiting,
    memoryBytes,
    words: `${counted(waiting, 'script waits', 'scripts wait')} for its memory (${batchId})`,
    roomOn: (card, instanceBytes) => card.taskBudgetBytes - instanceBytes - card.taskBytes,
  };
}

/** A model that nothing serves and that fits nowhere. */
function fromModel({ loadable, instances, pending }: Situation, { model, waiting }: ModelWork): Need[] {
  const served =
    instances.some(({ models, state }) => models.has(model) && state !== 'other') ||
    pending.some((it) => it.kind === 'load' && it.model === model);
  const needs = waiting > 0 && !served ? loadable(model) : null;
  if (needs === null) return [];
  return [
    {
      count: 1,
      memoryBytes: needs.memoryBytes,
      words: `${counted(waiting, 'task waits', 'tasks wait')} for ${model}, which fits nowhere`,
      roomOn: (card, instanceBytes) => card.totalBytes - instanceBytes - card.taskBytes,
    },
  ];
}

/** Places that are there already, or will be when what is being unloaded is gone. */
function placesComing({ cards, instances, pending }: Situation, need: Need): number {
  const leaving = instances.filter(({ name }) => pending.some((it) => it.kind === 'unload' && it.instance === name));
  return cards.reduce((sum, card) => {
    const freed = leaving.filter(({ devices }) => devices.includes(card.id)).reduce((b, it) => b + it.memoryBytes, 0);
    return sum + placesIn(need, need.roomOn(card, card.instanceBytes - freed));
  }, 0);
}

function placesWithout({ cards }: Situation, instance: Serving, need: Need): number {
  return cards
    .filter(({ id, isOpen }) => isOpen && instance.devices.includes(id))
    .reduce((sum, card) => {
      const share = instance.memoryBytes / instance.devices.length;
      return sum + placesIn(need, need.roomOn(card, card.instanceBytes - share));
    }, 0);
}

function placesIn({ memoryBytes }: Need, roomBytes: number): number {
  if (roomBytes < memoryBytes) return 0;
  return memoryBytes === 0 ? 1 : Math.floor(roomBytes / memoryBytes);
}
