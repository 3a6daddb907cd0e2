/**
 * The one queue before all instances, as a pure structure: who goes next, who is promoted, who has waited too long.
 * It knows no instances; a lane is whatever shares a set of them, and the caller says which lanes it can serve now.
 *
 * Order within a lane: overdue requests by arrival, then interactive before batch; there by fair share between keys,
 * then by arrival. Every operation is O(log n) in what waits, but for `places`, `oldestBatch` and what `advance` touches.
 */

import { groupBy, Heap } from '../../kernel/index.ts';
import { servingOrder } from '../forecast/serving-order.ts';
import { FairShares } from './fairness.ts';
import { arrivedBefore, goesBefore, Lane } from './lane.ts';
import type { Entry, Group } from './lane.ts';
import { changeAfter, isExpired, tierAt } from './tiers.ts';
import type { QueuePolicy, Tier, Waiting } from './tiers.ts';

export type { QueuePolicy, Waiting } from './tiers.ts';

export class RequestQueue {
  readonly #policy: QueuePolicy;
  readonly #entries = new Map<string, Entry>();
  readonly #groups = new Map<string, Group>();
  readonly #lanes = new Map<string, Lane>();
  readonly #changes = new Heap<Entry>((a, b) => a.changesAt < b.changesAt);
  #order = 0;
  #version = 0;

  constructor(policy: QueuePolicy) {
    this.#policy = policy;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Another one after every change of who waits and in which order. */
  get version(): number {
    return this.#version;
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  groupSize(group: string): number {
    return this.#groups.get(group)?.size ?? 0;
  }

  /** Everything that waits, in order of arrival of their latest coming. */
  *waiting(): IterableIterator<Waiting> {
    for (const entry of this.#entries.values()) yield entry.request;
  }

  /** Ids of the lanes in which something waits. */
  lanes(): IterableIterator<string> {
    return this.#lanes.keys();
  }

  /** Ids of those whose model is one of these. */
  lanesFor(isMeant: (model: string) => boolean): Set<string> {
    const meant = new Set<string>();
    for (const { id, model } of this.#lanes.values()) if (isMeant(model)) meant.add(id);
    return meant;
  }

  push(request: Waiting, now: number): void {
    this.#version++;
    const lane = this.#lane(request);
    const tier = tierAt(request, now, this.#policy);
    const entry: Entry = {
      request,
      order: this.#order++,
      lane,
      tier,
      changesAt: changeAfter(request, tier, this.#policy),
    };
    this.#entries.set(request.id, entry);
    lane.group.size++;
    lane.group.shares.arrive(request.key);
    lane.add(entry);
    this.#changes.push(entry);
  }

  head(lane: string): Waiting | null {
    return this.#lanes.get(lane)?.head()?.request ?? null;
  }

  /** Of these lanes the one whose head goes first; null when nothing waits in any of them. */
  first(lanes: Iterable<string>): string | null {
    let best: Entry | null = null;
    for (const id of lanes) {
      const head = this.#lanes.get(id)?.head() ?? null;
      if (head !== null && (best === null || goesBefore(head, best))) best = head;
    }
    return best?.lane.id ?? null;
  }

  /** Removes the head of a lane and charges its key; null when nothing waits there. */
  take(lane: string): Waiting | null {
    const entry = this.#lanes.get(lane)?.head() ?? null;
    if (entry === null) return null;
    const { group } = entry.lane;
    group.shares.serve(entry.request.key, entry.request.cost);
    this.#remove(entry);
    this.#reorder(group, entry.request.key);
    return entry.request;
  }

  /** Null when it does not wait here. */
  remove(id: string): Waiting | null {
    const entry = this.#entries.get(id);
    if (entry === undefined) return null;
    this.#remove(entry);
    return entry.request;
  }

  /** Corrects what was charged when the request was taken, once its true cost is known. */
  settle(request: Waiting, cost: number): void {
    const group = this.#groups.get(request.group);
    if (group === undefined) return;
    group.shares.settle(request.key, cost - request.cost);
    this.#reorder(group, request.key);
  }

  /** Promotes what is due and removes what has expired; answers the expired. */
  advance(now: number): readonly Waiting[] {
    const expired: Waiting[] = [];
    for (let entry = this.#due(now); entry !== null; entry = this.#due(now)) {
      if (isExpired(entry.request, now)) {
        this.#remove(entry);
        expired.push(entry.request);
      } else {
        this.#promote(entry, now);
      }
    }
    return expired;
  }

  /** When `advance` has something to do next; null when never. */
  get nextChangeAt(): number | null {
    const at = this.#changes.peek()?.changesAt ?? Infinity;
    return at === Infinity ? null : at;
  }

  /** Of everybody the place in his group, from 1, if nobody else comes. */
  places(): ReadonlyMap<string, number> {
    const groups = groupBy(this.#entries.values(), ({ lane }) => lane.group);
    const places = new Map<string, number>();
    for (const [{ shares }, entries] of groups) {
      servingOrder(entries, shares).forEach(({ request }, at) => places.set(request.id, at + 1));
    }
    return places;
  }

  /** Of the group's batch requests that were not promoted, the one that has waited longest; null when there is none. */
  oldestBatch(group: string): Waiting | null {
    const oldest = [...(this.#groups.get(group)?.lanes ?? [])].flatMap((lane) => lane.oldestBatch() ?? []);
    return oldest.toSorted((a, b) => (arrivedBefore(a, b) ? -1 : 1))[0]?.request ?? null;
  }

  /** Interactive requests that wait in the lane. */
  interactiveIn(lane: string): number {
    return this.#lanes.get(lane)?.interactive ?? 0;
  }

  /** The tier of one that waits; null when it does not. */
  tierOf(id: string): Tier | null {
    return this.#entries.get(id)?.tier ?? null;
  }

  #due(now: number): Entry | null {
    const entry = this.#changes.peek();
    return entry !== undefined && entry.changesAt <= now ? entry : null;
  }

  #promote(entry: Entry, now: number): void {
    this.#version++;
    entry.lane.remove(entry);
    entry.tier = tierAt(entry.request, now, this.#policy);
    entry.changesAt = changeAfter(entry.request, entry.tier, this.#policy);
    this.#changes.update(entry);
    entry.lane.add(entry);
  }

  #remove(entry: Entry): void {
    this.#version++;
    const { lane, request } = entry;
    lane.remove(entry);
    this.#changes.remove(entry);
    this.#entries.delete(request.id);
    lane.group.shares.leave(request.key);
    lane.group.size--;
    if (lane.head() === null) {
      this.#lanes.delete(lane.id);
      lane.group.lanes.delete(lane);
    }
  }

  #reorder(group: Group, key: string): void {
    this.#version++;
    for (const lane of group.lanes) lane.reorder(key);
  }

  #lane(request: Waiting): Lane {
    const known = this.#lanes.get(request.lane);
    if (known !== undefined) return known;
    const group = this.#groups.get(request.group) ?? { shares: new FairShares(), lanes: new Set(), size: 0 };
    const lane = new Lane(request, group);
    group.lanes.add(lane);
    this.#groups.set(request.group, group);
    this.#lanes.set(request.lane, lane);
    return lane;
  }
}
