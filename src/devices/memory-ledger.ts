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
      const entryOf = (device: string): Entry | undefined => devices.get(device);
      for (const share of joinShares(request.shares)) {
        const objection = objectTo(request.kind, share, entryOf(share.device), others);
        if (objection !== null) return objection;
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
  for (const { device, bytes } of shares) sums.set(device, (sums.get(device) ?? 0) + bytes);
  return [...sums].map(([device, bytes]) => ({ device, bytes }));
}

function drawPicture(device: string, entry: Entry, reservations: readonly Reservation[]): LedgerPicture {
  const sum = (kind: ReservationKind): number =>
    reservations
      .filter((other) => other.device === device && other.kind === kind)
      .reduce((bytes, other) => bytes + other.bytes, 0);
  const instanceBytes = sum('instance');
  const taskBytes = sum('task');
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

function objectTo(
  kind: ReservationKind,
  share: { readonly device: string; readonly bytes: number },
  entry: Entry | undefined,
  others: readonly Reservation[],
): Objection {
  const { device, bytes } = share;
  if (bytes <= 0) return null;
  if (entry === undefined) return refuse('never', `${device}: this host has no such device`);
  const picture = drawPicture(device, entry, others);
  const limit = kind === 'task' ? picture.taskBudgetBytes : picture.totalBytes;
  const free = kind === 'task' ? picture.freeForTasksBytes : picture.freeBytes;
  if (bytes > free) return refuse(bytes > limit ? 'never' : 'now', explainSum(kind, share, picture));
  if (kind === 'task' && entry.thermal === 'constrained') {
    return refuse('now', `${device}: at ${entry.temperatureC} °C, no new tasks until it is below 80 °C`);
  }
  if (entry.observedBytes !== null && entry.observedBytes >= entry.totalBytes * PRESSURE_SHARE) {
    const used = formatBytes(entry.observedBytes);
    return refuse('now', `${device}: ${used} of ${formatBytes(entry.totalBytes)} are in use, as measured`);
  }
  return null;
}

function refuse(when: 'never' | 'now', arithmetic: string): Objection {
  return { kind: 'refused', arithmetic, when };
}

function explainSum(kind: ReservationKind, share: { device: string; bytes: number }, picture: LedgerPicture): string {
  const limit =
    kind === 'task'
      ? {
          name: `task budget (${TASK_SHARE * 100}% of ${formatBytes(picture.totalBytes)})`,
          bytes: picture.taskBudgetBytes,
        }
      : { name: 'total', bytes: picture.totalBytes };
  const free = kind === 'task' ? picture.freeForTasksBytes : picture.freeBytes;
  return (
    `${share.device}: need ${formatBytes(share.bytes)}, free ${formatBytes(free)} = ` +
    `${formatBytes(limit.bytes)} ${limit.name} - ${formatBytes(picture.instanceBytes)} instances - ` +
    `${formatBytes(picture.taskBytes)} tasks`
  );
}
