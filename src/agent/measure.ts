/**
 * Measures the memory of workers on their devices: resident memory on the CPU, card memory on a card. What left its
 * tree is found by its mark; that look goes over the whole machine and is taken on every fifth round only.
 */

import { attemptKey } from '../contract/index.ts';
import type { Devices } from '../devices/index.ts';
import { markedProcesses } from '../kernel/index.ts';
import { residentBytesOf, treeOf } from './process-memory.ts';
import { taskOwner } from './device-agent.ts';
import type { WorkOrder } from './work-order.ts';

export interface Gauge {
  /** To be called once before the workers of a round are measured. */
  nextRound(): void;
  /** On its device; null when nothing measures it. */
  measure(worker: { readonly order: WorkOrder; readonly pid: number }): number | null;
}

const MARKS_EVERY = 5;

export function createGauge({ usedBy }: Pick<Devices, 'usedBy'>): Gauge {
  let round = 0;
  let marked: ReadonlyMap<string, readonly number[]> = new Map();
  return {
    nextRound() {
      if (round++ % MARKS_EVERY === 0) marked = markedProcesses('DROVER_ATTEMPT');
    },
    measure({ order: { attempt, device }, pid }) {
      const pids = new Set([...treeOf(pid), ...(marked.get(attemptKey(attempt)) ?? [])]);
      return device === 'cpu' ? residentBytesOf(pids) : usedBy({ device, owner: taskOwner(attempt), pids });
    },
  };
}
