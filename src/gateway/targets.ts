/** What a model name stands for when slots are given: whose queue it is, what keeps it from being served. Pure. */

import { availabilityOf } from './availability.ts';
import type { Availability, Reports } from './availability.ts';
import { nearNames } from './near-names.ts';
import type { Refusal } from './refusals.ts';
import type { SlotAsk } from './slot-asks.ts';
import type { Waiting } from './tiers.ts';
import type { ModelDirectory, Target } from './types.ts';

/** A name that can be waited for, or why it cannot. */
export type Prospect =
  | {
      readonly kind: 'open';
      readonly target: Target;
      readonly availability: Extract<Availability, { kind: 'available' | 'asleep' }>;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export function prospectOf(model: string, models: ModelDirectory, reports: Reports): Prospect {
  const target = models.resolve(model);
  if (target === null) return { kind: 'refused', refusal: unknownName(model, models) };
  const availability = availabilityOf(target, reports);
  if (availability.kind === 'available' || availability.kind === 'asleep')
    return { kind: 'open', target, availability };
  return { kind: 'refused', refusal: { model, ...availability } };
}

function unknownName(model: string, models: ModelDirectory): Refusal {
  const names = models.list().map(({ name }) => name);
  return { kind: 'unknown-model', model, near: nearNames(model, names) };
}

/** Requests of one model share fair shares and bound, whatever name they used for it. */
export function groupOf(target: Target): string {
  if (target.kind === 'model') return `model ${target.name}`;
  const ids = new Set(target.instances.map((instance) => instance.modelId));
  const [id] = ids;
  return ids.size === 1 && id !== undefined && id !== null ? `model ${id}` : `${target.kind} ${target.name}`;
}

export function toWaiting(ask: SlotAsk, target: Target): Waiting {
  const { id, key, cost, arrivedAt, expiresAt } = ask;
  const group = groupOf(target);
  return { id, group, lane: `${group} as ${ask.model}`, key, class: ask.class, cost, arrivedAt, expiresAt };
}
