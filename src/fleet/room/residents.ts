/** What holds memory on this host, or is about to: drawn from what was declared, reported and used. */

import type { InstanceReport } from '../../contract/index.ts';
import type { DesiredInstance } from '../instances/desired.ts';
import type { Resident } from './eviction.ts';

interface ResidentsDeps {
  readonly reports: () => Iterable<InstanceReport>;
  readonly declared: (name: string) => DesiredInstance | null;
  readonly busySlots: (instance: string) => number;
  readonly isWanted: (instance: string) => boolean;
  /** Epoch ms of the last time that a slot was given or came back; null: not since this life began. */
  readonly usedAt: (instance: string) => number | null;
}

const COMING: ReadonlySet<InstanceReport['state']> = new Set(['starting', 'loading']);
const HOLDS_MEMORY: ReadonlySet<InstanceReport['state']> = new Set([
  'starting',
  'loading',
  'ready',
  'unhealthy',
  'stopping',
]);

export function residentsOf(deps: ResidentsDeps): readonly Resident[] {
  return [...deps.reports()].filter(({ state }) => HOLDS_MEMORY.has(state)).map((report) => toResident(report, deps));
}

function toResident(report: InstanceReport, deps: ResidentsDeps): Resident {
  const { name, modelId, devices, memoryBytes, readyAt } = report;
  return {
    name,
    modelId,
    devices,
    memoryBytes,
    standing: standingOf(report, deps.declared(name)),
    readyAt,
    busySlots: deps.busySlots(name),
    isWanted: deps.isWanted(name),
    usedAt: deps.usedAt(name) ?? readyAt ?? 0,
  };
}

/** What nobody has declared is nobody's to unload; nor is what takes nothing new by the word of an operator. */
function standingOf({ state }: InstanceReport, declared: DesiredInstance | null): Resident['standing'] {
  if (declared === null || declared.spec.pinned) return 'fixed';
  if (COMING.has(state)) return 'coming';
  if (state === 'ready') return declared.desired === 'running' && !declared.drained ? 'ready' : 'fixed';
  return 'leaving';
}
