/** The lease that an agent holds on its host, kept by the controller's clock: renewed by hellos and heartbeats. */

import { LEASE } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';

interface Leases extends Disposable {
  /** Counts from now: the lease ends after expiry + grace unless it is renewed. */
  renew(host: string): void;
}

/** `onLost` is called once for each lease that runs out. */
export function createLeases(clock: Clock, onLost: (host: string) => void): Leases {
  const timers = new Map<string, Disposable>();
  return {
    renew(host) {
      timers.get(host)?.[Symbol.dispose]();
      const timer = clock.after(LEASE.expiryMs + LEASE.graceMs, () => {
        timers.delete(host);
        onLost(host);
      });
      timers.set(host, timer);
    },
    [Symbol.dispose]() {
      for (const timer of timers.values()) timer[Symbol.dispose]();
      timers.clear();
    },
  };
}
