/**
 * The lease of a remote agent: when its controller has not been heard for too long, its work is somebody else's. By
 * this host's monotonic timers only. An agent beside its controller has none: nobody can take over its processes.
 */

import { LEASE } from '../contract/index.ts';
import type { Clock } from '../kernel/index.ts';

export interface Lease extends Disposable {
  /** The controller was heard: the lease counts anew. */
  renew(): void;
}

/** `onExpired` is called once per lease that runs out; the next `renew` begins another. */
export function createRemoteLease(clock: Clock, onExpired: () => void): Lease {
  let timer: Disposable | null = null;
  return {
    renew() {
      timer?.[Symbol.dispose]();
      timer = clock.after(LEASE.expiryMs, onExpired);
    },
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  };
}

export const noLease: Lease = { renew: () => {}, [Symbol.dispose]: () => {} };
