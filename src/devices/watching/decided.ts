/** What was decided about the devices of this host: by policies, or by a doubt of its own until they have spoken. */

import type { DevicePolicy, DeviceRole } from '../../contract/index.ts';
import type { DeviceTerms } from '../ledger/standing.ts';

interface SeenNow {
  /** Where no policy says otherwise. */
  readonly roles: readonly DeviceRole[];
  readonly isLost: boolean;
}

interface Decided {
  /** All policies there are; they end every doubt. */
  apply(policies: readonly DevicePolicy[]): void;
  distrust(device: string, reason: string): void;
  doubts(): ReadonlyMap<string, string>;
  termsOf(device: string, seen: SeenNow): DeviceTerms;
}

export function createDecided(): Decided {
  const doubts = new Map<string, string>();
  let policies: ReadonlyMap<string, DevicePolicy> = new Map();
  return {
    apply(told) {
      policies = new Map(told.map((policy) => [policy.device, policy]));
      doubts.clear();
    },
    distrust: (device, reason) => void doubts.set(device, reason),
    doubts: () => doubts,
    termsOf(device, { roles, isLost }) {
      const policy = policies.get(device);
      const doubt = doubts.get(device);
      const hold = doubt === undefined ? null : { kind: 'quarantined' as const, reason: doubt };
      return { roles: policy?.roles ?? roles, hold: policy?.hold ?? hold, lost: isLost ? LOST : null };
    },
  };
}

const LOST = 'its driver does not answer for it any more';
