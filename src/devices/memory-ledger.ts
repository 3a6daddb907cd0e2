/**
 * Who was promised how much memory on which device of this host. The one place that says yes or no, at once and
 * without I/O, so that instances and task workers cannot both be given the same bytes.
 */

import { formatBytes } from './format-bytes.ts';
import { nextThermal } from './thermal.ts';
import type { Thermal } from './thermal.ts';

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

/** A device's memory as the ledger sees it. */
export interface LedgerPicture {
  readonly totalBytes: number;
  readonly instanceBytes: number;
  readonly taskBytes: number;
  /** Share of the card that tasks and instances together may fill before tasks are refused. */
  readonly taskBudgetBytes: number;
  readonly freeBytes: number;
  /** What a task could still be granted. */
  readonly freeForTasksBytes: number;
  readonly thermal: Thermal;
}

export interface MemoryLedger {
  /** Makes a device known, or tells what was measured on it. */
  observe(device: string, seen: DeviceObservation): void;
  /** Grants or refuses at once. An owner that already holds something is granted anew: old shares count as free. */
  reserve(request: ReservationRequest): ReservationAnswer;
  /** Enters what is a fact already (an adopted process), even beyond the total. */
  enter(request: ReservationRequest): void;
  /** Gives back all that the owner holds. Idempotent. */
  release(owner: string): void;
  reservations(): readonly Reservation[];
  /** Null for an unknown device. */
  picture(device: string): LedgerPicture | null;
}

export interface DeviceObservation {
  readonly totalBytes: number;
  readonly observedBytes: number | null;
  readonly temperatureC: number | null;
}

/** Tasks are granted memory up to this share of a card, instances counted in. */
const TASK_SHARE = 0.8;
/** From this measured share on, nothing new is granted, whoever uses the memory. */
const PRESSURE_SHARE = 0.95;

interface Entry extends DeviceObservation {
  readonly thermal: Thermal;
}

/** What a refusal says; null is no objection. */
type Objection = Extract<ReservationAnswer, { kind: 'refused' }> | null;

export function createMemoryLedger(): MemoryLedger {
  const devices = new Map<string, Entry>();
  let held: readonly Reservation[] = [];

  const without = (owner: string): readonly Reservation[] => held.filter((other) => other.owner !== owner);

  const replace = (request: ReservationRequest): void => {
    const shares = request.shares.filter(({ bytes }) => bytes > 0);
    const { owner, kind } = request;
    held = [...without(owner), ...shares.map(({ device, bytes }) => ({ device, owner, kind, bytes }))];
  };

  return {
    observe(device, seen) {
      const before = devices.get(device)?.thermal ?? 'normal';
      devices.set(device, { ...seen, thermal: nextThermal(before, seen.temperatureC) });
    },
    reserve(request) {
      const others = without(request.owner);
      const own = (device: string): number =>
        sumBytes(held, (it) => it.device === device && it.owner === request.owner);
      for (const share of joinShares(request.shares)) {
        const entry = devices.get(share.device);
        const objection =
          objectToSum(request.kind, share, entry, others) ?? objectToState(request.kind, entry, own(share.device));
        if (objection !== null) return { ...objection, arithmetic: `${share.device}: ${objection.arithmetic}` };
      }
      replace(request);
      return { kind: 'granted' };
    },
    enter: replace,
    release: (owner) => void (held = without(owner)),
    reservations: () => held,
    picture(device) {
      const entry = devices.get(device);
      return entry === undefined ? null : drawPicture(device, entry, held);
    },
  };
}

/** One share per device, so that two small ones cannot slip past as one large one would not. */
function joinShares(shares: ReservationRequest['shares']): ReservationRequest['shares'] {
  const sums = new Map<string, number>();
  for (const { device, bytes } of shares) if (bytes > 0) sums.set(device, (sums.get(device) ?? 0) + bytes);
  return [...sums].map(([device, bytes]) => ({ device, bytes }));
}

function sumBytes(reservations: readonly Reservation[], counts: (reservation: Reservation) => boolean): number {
  return reservations.filter(counts).reduce((bytes, reservation) => bytes + reservation.bytes, 0);
}

function drawPicture(device: string, entry: Entry, reservations: readonly Reservation[]): LedgerPicture {
  const instanceBytes = sumBytes(reservations, (it) => it.device === device && it.kind === 'instance');
  const taskBytes = sumBytes(reservations, (it) => it.device === device && it.kind === 'task');
  const taskBudgetBytes = Math.floor(entry.totalBytes * TASK_SHARE);
  return {
    totalBytes: entry.totalBytes,
    instanceBytes,
    taskBytes,
    taskBudgetBytes,
    freeBytes: Math.max(0, entry.totalBytes - instanceBytes - taskBytes),
    freeForTasksBytes: Math.max(0, taskBudgetBytes - instanceBytes - taskBytes),
    thermal: entry.thermal,
  };
}

function objectToSum(
  kind: ReservationKind,
  share: { readonly device: string; readonly bytes: number },
  entry: Entry | undefined,
  others: readonly Reservation[],
): Objection {
  if (entry === undefined) return refuse('never', 'this host has no such device');
  const picture = drawPicture(share.device, entry, others);
  const forTask = kind === 'task';
  const limit = forTask ? picture.taskBudgetBytes : picture.totalBytes;
  const free = forTask ? picture.freeForTasksBytes : picture.freeBytes;
  if (share.bytes <= free) return null;
  const limitName = forTask ? `for tasks (${TASK_SHARE * 100}% of ${formatBytes(picture.totalBytes)})` : 'total';
  return refuse(
    share.bytes > limit ? 'never' : 'now',
    `need ${formatBytes(share.bytes)}, free ${formatBytes(free)} = ${formatBytes(limit)} ${limitName}` +
      ` - ${formatBytes(picture.instanceBytes)} instances - ${formatBytes(picture.taskBytes)} tasks`,
  );
}

/** `ownBytes` is what the owner holds already: a restart is not refused for the memory of its own former process. */
function objectToState(kind: ReservationKind, entry: Entry | undefined, ownBytes: number): Objection {
  if (entry === undefined) return null;
  if (kind === 'task' && entry.thermal === 'constrained') {
    return refuse('now', `too hot for new tasks (${entry.temperatureC} °C) until it has cooled down`);
  }
  const observed = (entry.observedBytes ?? 0) - ownBytes;
  if (observed < entry.totalBytes * PRESSURE_SHARE) return null;
  return refuse('now', `${formatBytes(observed)} of ${formatBytes(entry.totalBytes)} are in use, as measured`);
}

function refuse(when: 'never' | 'now', arithmetic: string): NonNullable<Objection> {
  return { kind: 'refused', arithmetic, when };
}
