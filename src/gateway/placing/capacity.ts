/** How many requests a model can take at a time and how long they may be, or why it takes none. Pure. */

import type { InstanceReport } from '../../contract/index.ts';
import type { ContextRange } from '../context/prompt.ts';
import { refusalError } from '../door/refusals.ts';
import type { ModelCapacity } from '../types.ts';
import type { WakeCall } from '../waking/wake-calls.ts';
import type { Prospect } from './targets.ts';

interface CapacityPicture {
  readonly reports: ReadonlyMap<string, InstanceReport>;
  /** Devices on which slots do not count. */
  readonly strained: ReadonlySet<string>;
}

export function capacityOf(model: string, prospect: Prospect, { reports, strained }: CapacityPicture): ModelCapacity {
  if (prospect.kind === 'refused') {
    return { slots: 0, reason: refusalError(prospect.refusal).message, contextTokens: null, isAsleep: false };
  }
  const { target, availability } = prospect;
  const known = target.instances.flatMap(({ name }) => reports.get(name) ?? []);
  const contextTokens = contextRangeOf(known)?.roomiest ?? null;
  if (availability.kind === 'asleep') {
    return { slots: slotsAfter(availability.call, reports), reason: null, contextTokens, isAsleep: true };
  }
  const ready = known.filter(({ state }) => state === 'ready');
  const open = ready.filter(({ devices }) => !devices.some((device) => strained.has(device)));
  const slots = open.reduce((sum, { slotsTotal }) => sum + slotsTotal, 0);
  const reason = ready.length > 0 ? 'its devices are constrained' : `no instance of "${model}" is ready`;
  return { slots, reason: slots > 0 ? null : reason, contextTokens, isAsleep: false };
}

/** What a sleeper will have; one for what nobody has made yet. */
function slotsAfter(call: WakeCall, reports: CapacityPicture['reports']): number {
  return (call.kind === 'instance' ? reports.get(call.name)?.slotsTotal : null) ?? 1;
}

/** Null where a server that we do not configure answers: it alone knows. */
export function contextRangeOf(reports: readonly InstanceReport[]): ContextRange | null {
  const configured = reports.every(({ engine }) => engine === 'embedded' || engine === 'llama-server');
  if (!configured || reports.length === 0) return null;
  const sizes = reports.map(({ contextSize }) => contextSize);
  return { smallest: Math.min(...sizes), roomiest: Math.max(...sizes) };
}
