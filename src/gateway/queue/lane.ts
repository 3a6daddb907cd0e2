/** One lane of the queue: who of it goes next, by tier, then by fair share between keys, then by arrival. Pure. */

import { Heap } from '../../kernel/index.ts';
import type { FairShares } from './fairness.ts';
import type { Tier, Waiting } from './tiers.ts';

export interface Entry {
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

export interface Group {
  readonly shares: FairShares;
  readonly lanes: Set<Lane>;
  size: number;
}

/** Overdue requests are one flow: there keys do not count. */
const ALL_KEYS = '';

export class Lane {
  readonly id: string;
  /** What all in it have asked for. */
  readonly model: string;
  readonly group: Group;
  readonly #heaps: readonly [Heap<Flow>, Heap<Flow>, Heap<Flow>];
  readonly #flows: readonly [Map<string, Flow>, Map<string, Flow>, Map<string, Flow>] = [
    new Map(),
    new Map(),
    new Map(),
  ];
  #interactive = 0;

  constructor({ lane, model }: Pick<Waiting, 'lane' | 'model'>, group: Group) {
    this.id = lane;
    this.model = model;
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

  /** Of the batch requests that were not promoted the one that came first. */
  oldestBatch(): Entry | null {
    const heads = [...this.#heaps[2].values()].flatMap(({ entries }) => entries.peek() ?? []);
    return heads.toSorted((a, b) => (arrivedBefore(a, b) ? -1 : 1))[0] ?? null;
  }

  /** Interactive requests in it. */
  get interactive(): number {
    return this.#interactive;
  }

  add(entry: Entry): void {
    if (entry.request.class === 'interactive') this.#interactive++;
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
    if (entry.request.class === 'interactive') this.#interactive--;
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

function flowKey(entry: Entry): string {
  return entry.tier === 0 ? ALL_KEYS : entry.request.key;
}

export function arrivedBefore(a: Entry, b: Entry): boolean {
  if (a.request.arrivedAt !== b.request.arrivedAt) return a.request.arrivedAt < b.request.arrivedAt;
  return a.order < b.order;
}

function headBefore(a: Flow, b: Flow): boolean {
  const [first, second] = [a.entries.peek(), b.entries.peek()];
  return first !== undefined && second !== undefined && arrivedBefore(first, second);
}

/** Between heads of lanes. Fair shares of different groups are not comparable: there arrival decides. */
export function goesBefore(a: Entry, b: Entry): boolean {
  if (a.tier !== b.tier) return a.tier < b.tier;
  if (a.tier === 0 || a.lane.group !== b.lane.group) return arrivedBefore(a, b);
  const { shares } = a.lane.group;
  const difference = shares.used(a.request.key) - shares.used(b.request.key);
  return difference === 0 ? arrivedBefore(a, b) : difference < 0;
}
