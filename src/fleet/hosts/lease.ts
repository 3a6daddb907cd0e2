/** The lease that an agent holds on its host, kept by the controller's clock: renewed by hellos and heartbeats. */

import { LEASE } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';

interface Leases extends Disposable {
  /** Counts from now: unless it is renewed, the host is suspect after a while, and its lease ends after expiry + grace. */
  renew(host: string): void;
}

/** Each is called once for each silence. */
interface LeaseEvents {
  readonly onSuspect: (host: string) => void;
  readonly onLost: (host: string) => void;
}

export function createLeases(clock: Clock, { onSuspect, onLost }: LeaseEvents): Leases {
  const timers = new Map<string, Disposable>();
  const suspect = (host: string): void => {
    onSuspect(host);
    timers.set(
      host,
      clock.after(LEASE.expiryMs + LEASE.graceMs - LEASE.suspectMs, () => lose(host)),
    );
  };
  const lose = (host: string): void => {
    timers.delete(host);
    onLost(host);
  };
  return {
    renew(host) {
      timers.get(host)?.[Symbol.dispose]();
      timers.set(
        host,
        clock.after(LEASE.suspectMs, () => suspect(host)),
      );
    },
    [Symbol.dispose]() {
      for (const timer of timers.values()) timer[Symbol.dispose]();
      timers.clear();
    },
  };
}
