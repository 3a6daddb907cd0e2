/** What a model name stands for when slots are given: whose queue it is, what keeps it from being served. Pure. */

import type { InstanceReport } from '../../contract/index.ts';
import { refusalError } from '../door/refusals.ts';
import type { Refusal } from '../door/refusals.ts';
import type { Waiting } from '../queue/tiers.ts';
import type { SlotAsk } from '../slots/slot-asks.ts';
import type { ModelDirectory, Target } from '../types.ts';
import { availabilityOf } from './availability.ts';
import type { Availability, Reports } from './availability.ts';
import { nearNames } from './near-names.ts';
import { NO_HINTS } from './placement-hints.ts';
import { isInsistent, laneMark, narrow, NO_WISH } from './wishes.ts';

/** A name that can be waited for, or why it cannot. */
export type Prospect =
  | {
      readonly kind: 'open';
      readonly target: Target;
      readonly availability: Extract<Availability, { kind: 'available' | 'asleep' }>;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type Wanted = Pick<SlotAsk, 'model' | 'hints'>;

type KnownReports = Reports & ReadonlyMap<string, Pick<InstanceReport, 'devices'>>;

export function prospectOf(
  { model, hints = NO_HINTS }: Wanted,
  models: ModelDirectory,
  reports: KnownReports,
): Prospect {
  const meant = models.resolve(model);
  if (meant === null) return { kind: 'refused', refusal: unknownName(model, models) };
  const narrowed = narrow(meant, hints.wish, reports);
  if (narrowed.kind === 'infeasible') return infeasible(model, narrowed.reason);
  const { target } = narrowed;
  const availability = availabilityOf(target, reports);
  if (availability.kind === 'available' || availability.kind === 'asleep')
    return { kind: 'open', target, availability };
  const refusal: Refusal = { model, ...availability };
  return isInsistent(hints.wish) ? infeasible(model, refusalError(refusal).message) : { kind: 'refused', refusal };
}

function infeasible(model: string, reason: string): Prospect {
  return { kind: 'refused', refusal: { kind: 'infeasible', model, reason } };
}

export function unknownName(model: string, models: ModelDirectory): Refusal {
  const names = models.list().map(({ name }) => name);
  return { kind: 'unknown-model', model, near: nearNames(model, names), lacking: models.lacking(model) };
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
  return {
    id,
    group,
    lane: `${group} as ${ask.model}${laneMark(ask.hints?.wish ?? NO_WISH)}`,
    model: ask.model,
    key,
    class: ask.class,
    cost,
    arrivedAt,
    expiresAt,
  };
}
