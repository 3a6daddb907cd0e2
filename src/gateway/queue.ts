/**
 * The one queue before all instances, as a pure structure: who goes next, who is promoted, who has waited too long.
 * It knows no instances; a lane is whatever shares a set of them, and the caller says which lanes it can serve now.
 *
 * Order within a lane: overdue requests by arrival, then interactive before batch; there by fair share between keys,
 * then by arrival. Every operation is O(log n) in what waits, `position` and `advance` in what they touch.
 */

import { FairShares } from './fairness.ts';
import { Heap } from './heap.ts';
import type { RequestClass } from './types.ts';

export interface Waiting {
  readonly id: string;
  /** Lanes of one group share their fair shares and their bound: usually the lanes of one model. */
  readonly group: string;
  readonly lane: string;
  readonly key: string;
  readonly class: RequestClass;
  /** Estimated cost in tokens, charged to the key when the request is taken. */
  readonly cost: number;
  /** Milliseconds of one clock, as everything here. A request that comes back keeps its first arrival. */
  readonly arrivedAt: number;
  readonly expiresAt: number | null;
}

export interface QueuePolicy {
  readonly promoteAfterMs: number;
  readonly maximumWaitMs: number;
}

/** `0` overdue, `1` interactive or promoted, `2` batch. */
type Tier = 0 | 1 | 2;

interface Entry {
  readonly request: Waiting;
  readonly order: number;
  readonly lane: Lane;
  tier: Tier;
  /** When it is promoted, overdue or expired, whichever is first. */
  changesAt: number;
}

/** What one key has waiting in one tier of one lane, oldest first. Never empty while it is in a heap. */
interface Flow {
  readonly key: string;
  readonly entries: Heap<Entry>;
}

interface Group {
  readonly shares: FairShares;
  readonly lanes: Set<Lane>;
  size: number;
}

/** Overdue requests are one flow: there keys do not count. */
const ALL_KEYS = '';

class Lane {
  readonly id: string;
  readonly group: Group;
  readonly #heaps: readonly [Heap<Flow>, Heap<Flow>, Heap<Flow>];
  readonly #flows: readonly [Map<string, Flow>, Map<string, Flow>, Map<string, Flow>] = [
    new Map(),
    new Map(),
    new Map(),
  ];

  constructor(id: string, group: Group) {
    this.id = id;
    this.group = group;
    const byShare = (a: Flow, b: Flow): boolean =>
      group.shares.used(a.key) - group.shares.used(b.key) < 0 ||
      (group.shares.used(a.key) === group.shares.used(b.key) && headBefore(a, b));
    this.#heaps = [new Heap(headBefore), new Heap(byShare), new Heap(byShare)];
  }

  head(): Entry | null {
    for (const heap of this.#heaps) {
      const entry = heap.peek()?.entries.peek();
      if (entry !== undefined) return entry;
    }
    return null;
  }

  add(entry: Entry): void {
    const key = flowKey(entry);
    const flows = this.#flows[entry.tier];
    const flow = flows.get(key);
    if (flow !== undefined) {
      flow.entries.push(entry);
      this.#heaps[entry.tier].update(flow);
      return;
    }
    const made: Flow = { key, entries: new Heap(arrivedBefore) };
    made.entries.push(entry);
    flows.set(key, made);
    this.#heaps[entry.tier].push(made);
  }

  remove(entry: Entry): void {
    const key = flowKey(entry);
    const flow = this.#flows[entry.tier].get(key);
    if (flow === undefined) return;
    flow.entries.remove(entry);
    if (flow.entries.size > 0) return this.#heaps[entry.tier].update(flow);
    this.#heaps[entry.tier].remove(flow);
    this.#flows[entry.tier].delete(key);
  }

  /** The share of a key has changed. */
  reorder(key: string): void {
    for (const tier of [1, 2] as const) {
      const flow = this.#flows[tier].get(key);
      if (flow !== undefined) this.#heaps[tier].update(flow);
    }
  }
}

export class RequestQueue {
  readonly #policy: QueuePolicy;
  readonly #entries = new Map<string, Entry>();
  readonly #groups = new Map<string, Group>();
  readonly #lanes = new Map<string, Lane>();
  readonly #changes = new Heap<Entry>((a, b) => a.changesAt < b.changesAt);
  #order = 0;

  constructor(policy: QueuePolicy) {
    this.#policy = policy;
  }

  get size(): number {
    return this.#entries.size;
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

  push(request: Waiting, now: number): void {
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

  /** Requests of the group that by class and arrival go first, plus one. Fair shares may still change it. 0: not here. */
  position(id: string): number {
    const entry = this.#entries.get(id);
    if (entry === undefined) return 0;
    let ahead = 0;
    for (const other of this.#entries.values()) {
      if (other.lane.group !== entry.lane.group || other === entry) continue;
      if (other.tier < entry.tier || (other.tier === entry.tier && arrivedBefore(other, entry))) ahead++;
    }
    return ahead + 1;
  }

  #due(now: number): Entry | null {
    const entry = this.#changes.peek();
    return entry !== undefined && entry.changesAt <= now ? entry : null;
  }

  #promote(entry: Entry, now: number): void {
    entry.lane.remove(entry);
    entry.tier = tierAt(entry.request, now, this.#policy);
    entry.changesAt = changeAfter(entry.request, entry.tier, this.#policy);
    this.#changes.update(entry);
    entry.lane.add(entry);
  }

  #remove(entry: Entry): void {
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
    for (const lane of group.lanes) lane.reorder(key);
  }

  #lane(request: Waiting): Lane {
    const known = this.#lanes.get(request.lane);
    if (known !== undefined) return known;
    const group = this.#groups.get(request.group) ?? { shares: new FairShares(), lanes: new Set(), size: 0 };
    const lane = new Lane(request.lane, group);
    group.lanes.add(lane);
    this.#groups.set(request.group, group);
    this.#lanes.set(request.lane, lane);
    return lane;
  }
}

function flowKey(entry: Entry): string {
  return entry.tier === 0 ? ALL_KEYS : entry.request.key;
}

function arrivedBefore(a: Entry, b: Entry): boolean {
  if (a.request.arrivedAt !== b.request.arrivedAt) return a.request.arrivedAt < b.request.arrivedAt;
  return a.order < b.order;
}

function headBefore(a: Flow, b: Flow): boolean {
  const [first, second] = [a.entries.peek(), b.entries.peek()];
  return first !== undefined && second !== undefined && arrivedBefore(first, second);
}

/** Between heads of lanes. Fair shares of different groups are not comparable: there arrival decides. */
function goesBefore(a: Entry, b: Entry): boolean {
  if (a.tier !== b.tier) return a.tier < b.tier;
  if (a.tier === 0 || a.lane.group !== b.lane.group) return arrivedBefore(a, b);
  const { shares } = a.lane.group;
  const difference = shares.used(a.request.key) - shares.used(b.request.key);
  return difference === 0 ? arrivedBefore(a, b) : difference < 0;
}

function interactiveSince(request: Waiting, policy: QueuePolicy): number {
  return request.class === 'interactive' ? request.arrivedAt : request.arrivedAt + policy.promoteAfterMs;
}

function tierAt(request: Waiting, now: number, policy: QueuePolicy): Tier {
  const since = interactiveSince(request, policy);
  if (now >= since + policy.maximumWaitMs) return 0;
  return now >= since ? 1 : 2;
}

function changeAfter(request: Waiting, tier: Tier, policy: QueuePolicy): number {
  const since = interactiveSince(request, policy);
  const next = { 0: Infinity, 1: since + policy.maximumWaitMs, 2: since }[tier];
  return Math.min(next, request.expiresAt ?? Infinity);
}

function isExpired(request: Waiting, now: number): boolean {
  return request.expiresAt !== null && now >= request.expiresAt;
}
