/**
 * Sees to it that the memory of an engine that is gone has come back to its cards. What has not is kept from others,
 * under a name of its own, until a reading shows it free; nobody waits for that.
 */

import { formatBytes } from '../../devices/index.ts';
import type { DeviceReading, Devices, Reservation } from '../../devices/index.ts';
import type { Clock, Log, Scope } from '../../kernel/index.ts';
import { ownerOf, unreturnedBy } from '../launch/launch.ts';

export interface MemoryReturnDeps {
  readonly devices: Pick<Devices, 'ledger' | 'readings' | 'refresh'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
}

/** What an instance held where, and what was measured there while its engine still ran. */
export interface Held {
  readonly device: string;
  readonly bytes: number;
  readonly observedBytes: number;
}

/** Cards take a moment to clean up after a process. */
const PATIENCE_MS = 10_000;
const BEAT_MS = 1_000;

/** To be called while the engine still runs. Memory that is shared with the whole machine tells nothing. */
export function noteHeld(name: string, { devices }: Pick<MemoryReturnDeps, 'devices'>): readonly Held[] {
  const readings = devices.readings();
  return devices.ledger.reservations().flatMap(({ owner, device, bytes }) => {
    const reading = readings.find(({ id }) => id === device);
    if (owner !== ownerOf(name) || reading === undefined || !hasOwnMemory(reading)) return [];
    return [{ device, bytes, observedBytes: reading.observedBytes ?? 0 }];
  });
}

/** To be called when the engine is gone and its memory has been given back in the ledger. Ends with the scope. */
export async function seeMemoryReturn(name: string, held: readonly Held[], deps: MemoryReturnDeps): Promise<void> {
  const { devices, clock, log, scope } = deps;
  const { ledger } = devices;
  const owner = unreturnedBy(name);
  const begun = clock.monotonic();
  if (held.length > 0) await devices.refresh();
  let missing = missingOf(held, deps);
  while (missing.length > 0 && !scope.signal.aborted) {
    const isKept = ledger.reservations().some((reservation) => reservation.owner === owner);
    if (!isKept && clock.monotonic() - begun >= PATIENCE_MS) {
      ledger.enter({ owner, kind: 'instance', shares: missing });
      log.warn({ missing: missing.map(inWords) }, 'memory did not come back after the stop');
    }
    await clock.sleep(BEAT_MS, scope.signal);
    // A new start of the instance is a better test than this one.
    if (ledger.reservations().some((reservation) => reservation.owner === ownerOf(name))) return;
    if (isKept && !ledger.reservations().some((reservation) => reservation.owner === owner)) return;
    missing = missingOf(held, deps);
  }
  ledger.release(owner);
}

function missingOf(held: readonly Held[], { devices }: MemoryReturnDeps) {
  const readings = devices.readings();
  return held.flatMap((share) => {
    const observed = readings.find(({ id }) => id === share.device)?.observedBytes ?? 0;
    const bytes = unreturnedBytes(share, observed, bookedOn(share.device, devices.ledger.reservations()));
    return bytes === 0 ? [] : [{ device: share.device, bytes }];
  });
}

/** What others have been promised there; it may be in use by now. */
function bookedOn(device: string, reservations: readonly Reservation[]): number {
  const booked = reservations.filter((it) => it.device === device && !it.owner.startsWith('unreturned:'));
  return booked.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Zero when most of it came back, or when what is in use is accounted for by others. An estimate is no measure, so
 * that half of it decides.
 */
export function unreturnedBytes(held: Held, observedBytes: number, bookedBytes: number): number {
  const returned = Math.max(0, held.observedBytes - observedBytes);
  const accounted = observedBytes - bookedBytes <= held.bytes / 2;
  return accounted || returned >= held.bytes / 2 ? 0 : held.bytes - returned;
}

function hasOwnMemory({ kind, observedBytes }: DeviceReading): boolean {
  return observedBytes !== null && kind !== 'cpu' && kind !== 'apple';
}

function inWords({ device, bytes }: { readonly device: string; readonly bytes: number }): string {
  return `${device}: ${formatBytes(bytes)}`;
}
