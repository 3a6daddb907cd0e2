/**
 * Measures the memory of workers on their devices: resident memory on the CPU, card memory on a card. What left its
 * tree is found by its mark; that look goes over the whole machine and is taken on every fifth round only.
 */

import { attemptKey } from '../../contract/index.ts';
import type { Devices } from '../../devices/index.ts';
import { markedProcesses } from '../../kernel/index.ts';
import { residentBytesOf, treeOf } from './process-memory.ts';
import { taskOwner } from '../devices/device-agent.ts';
import type { WorkOrder } from './work-order.ts';

export interface Gauge {
  /** To be called once before the workers of a round are measured. */
  nextRound(): void;
  /** On its device; null when nothing measures it. */
  measure(worker: { readonly order: WorkOrder; readonly pid: number }): number | null;
  /** True for a process on a card that was met in a measurement, also when it has ended since. */
  hasMet(pid: number): boolean;
}

/** More are not remembered: the system gives their numbers to others some day. */
const MOST_MET = 4_096;

const MARKS_EVERY = 5;

export function createGauge({ usedBy }: Pick<Devices, 'usedBy'>): Gauge {
  let round = 0;
  let marked: ReadonlyMap<string, readonly number[]> = new Map();
  const met = new Set<number>();

  const remember = (pids: ReadonlySet<number>): void => {
    for (const pid of pids) met.add(pid);
    for (const oldest of met) if (met.size > MOST_MET) met.delete(oldest);
  };

  return {
    hasMet: (pid) => met.has(pid),
    nextRound() {
      if (round++ % MARKS_EVERY === 0) marked = markedProcesses('DROVER_ATTEMPT');
    },
    measure({ order: { attempt, device }, pid }) {
      const pids = new Set([...treeOf(pid), ...(marked.get(attemptKey(attempt)) ?? [])]);
      if (device === 'cpu') return residentBytesOf(pids);
      remember(pids);
      return usedBy({ device, owner: taskOwner(attempt), pids });
    },
  };
}
