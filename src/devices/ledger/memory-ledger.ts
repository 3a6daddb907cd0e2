/**
 * Who was promised how much memory on which device of this host. The one place that says yes or no, at once and
 * without I/O, so that instances and task workers cannot both be given the same bytes.
 */

import { drawPicture, sumBytes } from './ledger-page.ts';
import type { LedgerEntry, LedgerPage, LedgerPicture, LedgerRules } from './ledger-page.ts';
import { objectTo, refuse } from './objections.ts';
import type { Reservation, ReservationAnswer, ReservationRequest } from './reservations.ts';
import { OPEN_TERMS } from './standing.ts';
import type { DeviceTerms } from './standing.ts';
import { nextStrain, UNSTRAINED } from './strain.ts';
import type { StrainReading } from './strain.ts';

export interface MemoryLedger {
  /** Makes a device known, or tells what was measured on it. */
  observe(device: string, seen: DeviceObservation): void;
  /** Grants or refuses at once. An owner that already holds something is granted anew: old shares count as free. */
  reserve(request: ReservationRequest): ReservationAnswer;
  /** Enters what is a fact already (an adopted process), even beyond the total. */
  enter(request: ReservationRequest): void;
  /** What an owner was measured to use; what others use counts as taken, whatever was promised. */
  noteUse(owner: string, bytes: number): void;
  /** Gives back all that the owner holds. Idempotent. */
  release(owner: string): void;
  reservations(): readonly Reservation[];
  /** Null for an unknown device. */
  picture(device: string): LedgerPicture | null;
}

export interface DeviceObservation extends StrainReading {
  readonly totalBytes: number;
  readonly observedBytes: number | null;
  /** Absent: as before; at first, open for all. */
  readonly terms?: DeviceTerms;
}

const USUAL_RULES: LedgerRules = { taskShare: 0.8 };
const GANG = 'a task cannot hold memory of several cards yet: ask for no more than one card has';

export function createMemoryLedger(rules: LedgerRules = USUAL_RULES): MemoryLedger {
  const devices = new Map<string, LedgerEntry>();
  const uses = new Map<string, number>();
  /** The last measurement of one that ends often finds nothing any more. */
  const peaks = new Map<string, number>();
  let held: readonly Reservation[] = [];

  const without = (owner: string): readonly Reservation[] => held.filter((other) => other.owner !== owner);

  const page = (device: string, reservations: readonly Reservation[]): LedgerPage | null => {
    const entry = devices.get(device);
    return entry ? { entry, held: reservations.filter((it) => it.device === device), uses, rules } : null;
  };

  const replace = (request: ReservationRequest): void => {
    const shares = request.shares.filter(({ bytes }) => bytes > 0);
    const { owner, kind } = request;
    held = [...without(owner), ...shares.map(({ device, bytes }) => ({ device, owner, kind, bytes }))];
  };

  /** The next look is some time off: what the owner used at its most is free until it says otherwise. */
  const takeOff = (device: string, owner: string, promised: number): void => {
    const entry = devices.get(device);
    if (entry === undefined || entry.observedBytes === null || !entry.seen.has(owner)) return;
    const observedBytes = Math.max(0, entry.observedBytes - (peaks.get(owner) || promised));
    const seen = new Set([...entry.seen].filter((other) => other !== owner));
    devices.set(device, { ...entry, observedBytes, seen });
  };

  return {
    observe(device, { totalBytes, observedBytes, terms, ...reading }) {
      const before = devices.get(device);
      const strain = nextStrain(before?.strain ?? UNSTRAINED, reading);
      const seen = new Set(held.filter((it) => it.device === device).map(({ owner }) => owner));
      devices.set(device, { totalBytes, observedBytes, seen, strain, terms: terms ?? before?.terms ?? OPEN_TERMS });
    },
    reserve(request) {
      const others = without(request.owner);
      const shares = joinShares(request.shares);
      if (request.kind === 'task' && shares.length > 1) return refuse('never', GANG);
      for (const share of shares) {
        const own = sumBytes(held, (it) => it.device === share.device && it.owner === request.owner);
        const objection = objectTo({ request, share, ownBytes: own, page: page(share.device, others) });
        if (objection !== null) return { ...objection, arithmetic: `${share.device}: ${objection.arithmetic}` };
      }
      replace(request);
      return { kind: 'granted' };
    },
    enter: replace,
    noteUse(owner, bytes) {
      uses.set(owner, bytes);
      peaks.set(owner, Math.max(bytes, peaks.get(owner) ?? 0));
    },
    release(owner) {
      for (const { device, bytes } of held.filter((it) => it.owner === owner)) takeOff(device, owner, bytes);
      held = without(owner);
      uses.delete(owner);
      peaks.delete(owner);
    },
    reservations: () => held,
    picture(device) {
      const found = page(device, held);
      return found === null ? null : drawPicture(found);
    },
  };
}

/** One share per device, so that two small ones cannot slip past as one large one would not. */
function joinShares(shares: ReservationRequest['shares']): ReservationRequest['shares'] {
  const sums = new Map<string, number>();
  for (const { device, bytes } of shares) if (bytes > 0) sums.set(device, (sums.get(device) ?? 0) + bytes);
  return [...sums].map(([device, bytes]) => ({ device, bytes }));
}
