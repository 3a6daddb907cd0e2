/** What is asked of a host's memory ledger and what it answers. No behaviour. */

import type { DeviceRole } from '../../contract/index.ts';

export type ReservationKind = 'instance' | 'task';

export interface Reservation {
  readonly device: string;
  readonly owner: string;
  readonly kind: ReservationKind;
  readonly bytes: number;
}

export interface ReservationRequest {
  /** Unique among all owners, e.g. `instance:qwen` or `task:BATCH/NAME#1`. */
  readonly owner: string;
  readonly kind: ReservationKind;
  /** What the devices must be willing to take; by default what the kind says. */
  readonly role?: DeviceRole;
  /** All of them or none. */
  readonly shares: readonly { readonly device: string; readonly bytes: number }[];
}

export type ReservationAnswer =
  | { readonly kind: 'granted' }
  | {
      readonly kind: 'refused';
      /** The sum in words, e.g. `sim0: need 4.0 GiB, free 2.0 GiB = 6.0 GiB total - 4.0 GiB instances - 0 B tasks`. */
      readonly arithmetic: string;
      /** `never`: the device is too small or unknown; `now`: it may fit when others have released. */
      readonly when: 'never' | 'now';
    };
