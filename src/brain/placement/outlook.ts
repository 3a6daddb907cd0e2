/** What keeps a model from being loaded, in words for people: who has the memory, and when that may be had. Pure. */

import { placesFor } from './places.ts';
import type { Serving, Situation } from './situation.ts';
import { dispensableAt, UNLOAD_AFTER } from './unloads.ts';

/** Of a model that waiting tasks need and that nothing serves. `now` may be later than the situation. */
export function outlookOf(model: string, situation: Situation, now: number): string | null {
  const loadable = situation.loadable(model);
  if (loadable === null) return null;
  const open = placesFor(loadable, situation.cards).filter(({ isOpen }) => isOpen);
  if (open.length === 0) return 'no device that could hold it takes models now';
  const room = open.map((card) => card.totalBytes - card.instanceBytes - card.taskBytes);
  if (room.some((bytes) => bytes >= loadable.memoryBytes)) return 'a load is not paid for by what waits';
  const places = new Set(open.map(({ id }) => id));
  const holders = situation.instances.filter(({ devices }) => devices.some((id) => places.has(id)));
  if (holders.length === 0) return 'tasks have the memory that it needs';
  const names = holders.map(({ name }) => name).join(', ');
  return `${names} ${holders.length === 1 ? 'has' : 'have'} the memory that it needs, ${untilWhen(holders, now)}`;
}

function untilWhen(holders: readonly Serving[], now: number): string {
  const times = holders.flatMap((holder) => {
    const at = dispensableAt(holder);
    return at === null ? [] : [{ name: holder.name, at }];
  });
  const [first] = times.toSorted((a, b) => a.at - b.at);
  if (first === undefined) return 'until one of them is idle';
  const leftMs = first.at - now;
  if (leftMs <= 0) return `and ${first.name} may go now`;
  return `${first.name} for ${Math.ceil(leftMs / 1_000)} s more at least: ${UNLOAD_AFTER}`;
}
