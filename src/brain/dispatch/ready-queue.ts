/**
 * The ready tasks in the order in which they may go: a lane for each kind of resource they need, and within a lane by
 * priority, then fairly between batches, then by arrival. A mirror of the store's ready rows that the brain alone keeps.
 */

import { Heap } from '../../kernel/index.ts';

/** What a task needs before it may go. */
export type Lane =
  /** A template that reads its list: nothing. */
  | { readonly kind: 'expand' }
  /** Perhaps done before with the same inputs: nothing. */
  | { readonly kind: 'check' }
  /** A meta task: an agent, and nothing of its devices. */
  | { readonly kind: 'meta' }
  /** A command of the brain: the agent of the controller's own host. */
  | { readonly kind: 'home' }
  /** A core of an agent's CPU. */
  | { readonly kind: 'cpu' }
  /** Device memory. */
  | { readonly kind: 'script'; readonly memoryBytes: number }
  /** An agent, and a slot held while its command runs. */
  | { readonly kind: 'slot'; readonly model: string }
  /** A slot for the request that the controller makes itself. */
  | { readonly kind: 'ask'; readonly model: string }
  /** Nothing: the controller itself has a model loaded or unloaded. */
  | { readonly kind: 'place' };

export function laneKey(lane: Lane): string {
  switch (lane.kind) {
    case 'script':
      return `script:${lane.memoryBytes}`;
    case 'slot':
    case 'ask':
      return `${lane.kind}:${lane.model}`;
    default:
      return lane.kind;
  }
}

export interface ReadyTask {
  readonly id: number;
  readonly batchId: string;
  readonly priority: number;
  /** When it became ready. */
  readonly since: number;
  readonly lane: Lane;
}

/** What of one batch waits in one lane. */
export interface WaitingWork {
  readonly lane: Lane;
  readonly batchId: string;
  readonly count: number;
  readonly since: number;
}

/** Tasks of a batch that hold something now. */
export type ShareOf = (batchId: string) => number;

export interface ReadyQueue {
  readonly size: number;
  add(task: ReadyTask): void;
  /** True when a task of the batch waits here. */
  has(batchId: string): boolean;
  lanes(): readonly Lane[];
  /** How many of each batch wait in each lane, and since when the next of them does. */
  waiting(): readonly WaitingWork[];
  /** The task of a lane that is next, or undefined. */
  next(lane: Lane, share: ShareOf): ReadyTask | undefined;
  /** Takes the first task of that batch off the lane. */
  take(task: ReadyTask): void;
  /** Takes one task out, wherever it stands. */
  remove(id: number): void;
  dropBatch(batchId: string): void;
}

export function createReadyQueue(): ReadyQueue {
  const lanes = new Map<string, { readonly lane: Lane; readonly batches: Map<string, Heap<ReadyTask>> }>();

  function drop(key: string, batchId: string): void {
    const found = lanes.get(key);
    found?.batches.delete(batchId);
    if (found?.batches.size === 0) lanes.delete(key);
  }

  return {
    get size() {
      let size = 0;
      for (const { batches } of lanes.values()) for (const heap of batches.values()) size += heap.size;
      return size;
    },
    add(task) {
      const key = laneKey(task.lane);
      const found = lanes.get(key) ?? { lane: task.lane, batches: new Map<string, Heap<ReadyTask>>() };
      lanes.set(key, found);
      const heap = found.batches.get(task.batchId) ?? new Heap<ReadyTask>((a, b) => byArrival(a, b) < 0);
      found.batches.set(task.batchId, heap);
      heap.push(task);
    },
    has: (batchId) => [...lanes.values()].some(({ batches }) => batches.has(batchId)),
    lanes: () => [...lanes.values()].map(({ lane }) => lane),
    waiting: () =>
      [...lanes.values()].flatMap(({ lane, batches }) =>
        [...batches].map(([batchId, heap]) => ({ lane, batchId, count: heap.size, since: heap.peek()?.since ?? 0 })),
      ),
    next(lane, share) {
      let best: ReadyTask | undefined;
      for (const heap of lanes.get(laneKey(lane))?.batches.values() ?? []) {
        const head = heap.peek();
        if (head && (!best || byFairness(share)(head, best) < 0)) best = head;
      }
      return best;
    },
    take(task) {
      const key = laneKey(task.lane);
      const heap = lanes.get(key)?.batches.get(task.batchId);
      if (heap?.peek() !== task) throw new Error(`task ${task.id} is not the next of its batch`);
      heap.remove(task);
      if (heap.size === 0) drop(key, task.batchId);
    },
    remove(id) {
      for (const [key, { batches }] of lanes) {
        for (const [batchId, heap] of batches) {
          const task = [...heap.values()].find((waiting) => waiting.id === id);
          if (task !== undefined && heap.remove(task) && heap.size === 0) drop(key, batchId);
        }
      }
    },
    dropBatch(batchId) {
      for (const key of lanes.keys()) drop(key, batchId);
    },
  };
}

/** Within a batch: priority, then arrival. */
function byArrival(a: ReadyTask, b: ReadyTask): number {
  return b.priority - a.priority || a.since - b.since || a.id - b.id;
}

/** Between batches: priority, then who holds least, then arrival. */
export function byFairness(share: ShareOf): (a: ReadyTask, b: ReadyTask) => number {
  return (a, b) => b.priority - a.priority || share(a.batchId) - share(b.batchId) || byArrival(a, b);
}
