/**
 * Sees to it that a card gets back the memory of an attempt that has ended. What stays in use and belongs to nobody
 * that lives is a fault of its driver: the card is distrusted then.
 */

import { attemptKey } from '../../contract/index.ts';
import type { AttemptRef } from '../../contract/index.ts';
import { formatBytes } from '../../devices/index.ts';
import type { Devices } from '../../devices/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';

interface Leaver {
  readonly attempt: AttemptRef;
  readonly device: string;
  readonly peakMemoryBytes: number | null;
}

export interface MemoryReturn {
  /** An attempt has ended; to be told before its reservation is given back. */
  left(leaver: Leaver): void;
  /** After each look at the devices. */
  look(): void;
}

interface MemoryReturnDeps {
  readonly devices: Pick<Devices, 'ledger' | 'distrust' | 'unexplainedBytes'>;
  /** True for a process of an attempt of ours, also of one that has ended. */
  readonly isOurs: (pid: number) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Less is no fault: drivers and sensors are not exact. */
const LEAST_BYTES = 256 * 1024 ** 2;
const LEAST_SHARE = 0.05;
/** Some looks at a busy card; drivers take a moment to clean up after a process. */
export const PATIENCE_MS = 20_000;

interface Watched {
  readonly since: number;
  readonly attempt: AttemptRef;
  /** In use by nobody we know of, before it ended. */
  readonly usualBytes: number;
}

export function createMemoryReturn({ devices, isOurs, clock, log }: MemoryReturnDeps): MemoryReturn {
  const { ledger } = devices;
  const usual = new Map<string, number>();
  const watched = new Map<string, Watched>();

  const strangers = (device: string): { readonly bytes: number; readonly bound: number } | null => {
    const picture = ledger.picture(device);
    const bytes = devices.unexplainedBytes(device, isOurs);
    if (picture === null || bytes === null) return null;
    return { bytes, bound: Math.max(LEAST_BYTES, picture.totalBytes * LEAST_SHARE) };
  };

  const judge = (device: string, { since, attempt, usualBytes }: Watched): void => {
    const seen = strangers(device);
    const unreturned = seen === null ? 0 : seen.bytes - usualBytes;
    if (seen === null || unreturned < seen.bound) return void watched.delete(device);
    if (clock.monotonic() - since < PATIENCE_MS) return;
    watched.delete(device);
    const reason = `${formatBytes(unreturned)} did not come back after ${attemptKey(attempt)} ended`;
    log.warn({ device, reason }, 'device distrusted');
    devices.distrust(device, reason);
  };

  return {
    left({ attempt, device, peakMemoryBytes }) {
      if (device === 'cpu' || (peakMemoryBytes ?? 0) < LEAST_BYTES || watched.has(device)) return;
      watched.set(device, { since: clock.monotonic(), attempt, usualBytes: usual.get(device) ?? 0 });
    },
    look() {
      for (const [device, about] of watched) judge(device, about);
      const held = new Set(ledger.reservations().map(({ device }) => device));
      for (const device of [...held, ...usual.keys()]) {
        if (!watched.has(device)) usual.set(device, strangers(device)?.bytes ?? 0);
      }
    },
  };
}
