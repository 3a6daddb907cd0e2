/** What a device may be used for now: what was decided about it, and what it is able to. Pure. */

import { DEVICE_ROLES } from '../../contract/index.ts';
import type { DeviceCondition, DeviceHold, DeviceRole } from '../../contract/index.ts';
import type { Strain } from './strain.ts';

export interface DeviceTerms {
  readonly roles: readonly DeviceRole[];
  readonly hold: Pick<DeviceHold, 'kind' | 'reason'> | null;
  /** Why it cannot be used at all; null while its driver answers for it. */
  readonly lost: string | null;
}

export interface Standing {
  readonly roles: readonly DeviceRole[];
  readonly condition: DeviceCondition;
  /** Null when the condition is normal. */
  readonly why: string | null;
}

export const OPEN_TERMS: DeviceTerms = { roles: DEVICE_ROLES, hold: null, lost: null };

export function standingOf({ roles, hold, lost }: DeviceTerms, strain: Strain): Standing {
  if (lost !== null) return { roles, condition: 'lost', why: lost };
  if (hold !== null) return { roles, condition: hold.kind, why: hold.reason };
  if (strain.kind === 'constrained') return { roles, condition: 'constrained', why: strain.why };
  return { roles, condition: 'normal', why: null };
}

/** Why a device takes no new work of a role, in words; null: it does. */
export function refusalOf({ roles, condition, why }: Standing, role: DeviceRole): string | null {
  if (condition === 'lost' || condition === 'reserved' || condition === 'quarantined') {
    return `${condition}: ${why ?? 'until it is released'}`;
  }
  if (!roles.includes(role)) return `it takes no ${role} (its roles: ${roles.join(', ') || 'off'})`;
  return null;
}
