/** Where a request wants to run: what it insists on narrows its target, what it merely prefers orders it. Pure. */

import type { InstanceReport } from '../../contract/index.ts';
import type { DirectoryInstance, Target } from '../types.ts';

export interface PlacementWish {
  /** This instance and no other. */
  readonly pin: string | null;
  /** These instances; others only with `allowFallback`. */
  readonly prefer: readonly string[];
  readonly avoid: readonly string[];
  /** Instances on this device alone. */
  readonly device: string | null;
  readonly allowFallback: boolean;
}

export const NO_WISH: PlacementWish = { pin: null, prefer: [], avoid: [], device: null, allowFallback: false };

type Narrowed =
  | { readonly kind: 'possible'; readonly target: Target }
  /** For people. */
  | { readonly kind: 'infeasible'; readonly reason: string };

type Devices = ReadonlyMap<string, Pick<InstanceReport, 'devices'>>;

/** The target as far as the wish allows it. */
export function narrow(target: Target, wish: PlacementWish, reports: Devices): Narrowed {
  if (!isInsistent(wish)) return { kind: 'possible', target };
  const steps: readonly Step[] = [
    { isMeant: ({ name }) => !wish.avoid.includes(name), reason: 'every instance of it is to be avoided' },
    {
      isMeant: ({ name }) => wish.device === null || (reports.get(name)?.devices.includes(wish.device) ?? false),
      reason: `none of its instances is on ${wish.device ?? 'it'}`,
    },
    {
      isMeant: ({ name }) => wish.pin === null || name === wish.pin,
      reason: `"${wish.pin ?? ''}" is none of its instances, or is ruled out`,
    },
    {
      isMeant: ({ name }) => wish.allowFallback || wish.prefer.length === 0 || wish.prefer.includes(name),
      reason: `none of ${wish.prefer.join(', ')} is an instance of it, and no other is allowed`,
    },
  ];
  return narrowBy(steps, target);
}

interface Step {
  readonly isMeant: (instance: DirectoryInstance) => boolean;
  readonly reason: string;
}

function narrowBy(steps: readonly Step[], target: Target): Narrowed {
  let left: readonly DirectoryInstance[] = target.instances;
  for (const { isMeant, reason } of steps) {
    left = left.filter(isMeant);
    if (left.length === 0) return { kind: 'infeasible', reason };
  }
  return { kind: 'possible', target: withInstances(target, left) };
}

function withInstances(target: Target, left: readonly DirectoryInstance[]): Target {
  return target.kind === 'instance' ? target : { ...target, instances: left };
}

/** Whether it rules any instance out. */
export function isInsistent({ pin, prefer, avoid, device, allowFallback }: PlacementWish): boolean {
  return pin !== null || device !== null || avoid.length > 0 || (prefer.length > 0 && !allowFallback);
}

/** Requests of one lane have the same instances before them: a mark for those of a wish; empty without one. */
export function laneMark(wish: PlacementWish): string {
  if (!isInsistent(wish)) return '';
  const { pin, prefer, avoid, device, allowFallback } = wish;
  return ` on ${JSON.stringify([pin, device, avoid, allowFallback ? [] : prefer])}`;
}
