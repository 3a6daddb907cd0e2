/** How fast a model went into its card, as a launch that became ready tells. Pure. */

import type { InstanceReport } from '../../contract/index.ts';

interface LoadPace {
  readonly device: string;
  readonly bytesPerSecond: number;
}

type Launch = Pick<InstanceReport, 'state' | 'devices' | 'memoryBytes' | 'startedAt' | 'readyAt'>;

/** Null when it tells nothing: it is not ready, runs on the CPU or on several cards. */
export function loadPaceOf({ state, devices, memoryBytes, startedAt, readyAt }: Launch): LoadPace | null {
  const [device, ...others] = devices;
  if (state !== 'ready' || device === undefined || device === 'cpu' || others.length > 0) return null;
  if (startedAt === null || readyAt === null || readyAt <= startedAt || memoryBytes === 0) return null;
  return { device, bytesPerSecond: Math.round((memoryBytes * 1000) / (readyAt - startedAt)) };
}
