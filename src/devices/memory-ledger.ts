/**
 * Who was promised how much memory on which device of this host. The one place that says yes or no, at once and
 * without I/O, so that instances and task workers cannot both be given the same bytes.
 */

import { formatBytes } from './format-bytes.ts';
import { OPEN_TERMS, refusalOf, standingOf } from './standing.ts';
import type { DeviceTerms, Standing } from './standing.ts';
import { nextStrain, UNSTRAINED } from './strain.ts';
import type { Strain, StrainReading } from './strain.ts';
import type { DeviceRole } from '../contract/index.ts';

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

/** A device's memory as the ledger sees it. */
export interface LedgerPicture {
  readonly totalBytes: number;
  readonly instanceBytes: number;
  readonly taskBytes: number;
  /** Share of the card that tasks and instances together may fill before tasks are refused. */
  readonly taskBudgetBytes: number;
  readonly freeBytes: number;
  /** What a task could still be granted: of the budget, and no more than is free as measured. */
  readonly freeForTasksBytes: number;
  /** In use by nobody that holds something here; null: nothing measures it. */
  readonly strangersBytes: number | null;
  readonly standing: Standing;
  readonly strain: Strain;
}

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

export interface LedgerRules {
  /** Tasks are granted memory up to this share of a device, instances counted in. */
  readonly taskShare: number;
}

const USUAL_RULES: LedgerRules = { taskShare: 0.8 };
/** From this measured share on, nothing new is granted, whoever uses the memory. */
const PRESSURE_SHARE = 0.95;

interface Entry {
  readonly totalBytes: number;
  readonly observedBytes: number | null;
  readonly terms: DeviceTerms;
  readonly strain: Strain;
}

/** All that the ledger knows of one device. */
interface Page {
  readonly entry: Entry;
  readonly held: readonly Reservation[];
  readonly uses: ReadonlyMap<string, number>;
  readonly rules: LedgerRules;
}

/** What a refusal says; null is no objection. */
type Objection = Extract<ReservationAnswer, { kind: 'refused' }> | null;

export function createMemoryLedger(rules: LedgerRules = USUAL_RULES): MemoryLedger {
  const devices = new Map<string, Entry>();
  const uses = new Map<string, number>();
  let held: readonly Reservation[] = [];

  const without = (owner: string): readonly Reservation[] => held.filter((other) => other.owner !== owner);

  const page = (device: string, reservations: readonly Reservation[]): Page | null => {
    const entry = devices.get(device);
    return entry ? { entry, held: reservations.filter((it) => it.device === device), uses, rules } : null;
  };

  const replace = (request: ReservationRequest): void => {
    const shares = request.shares.filter(({ bytes }) => bytes > 0);
    const { owner, kind } = request;
    held = [...without(owner), ...shares.map(({ device, bytes }) => ({ device, owner, kind, bytes }))];
  };

  return {
    observe(device, { totalBytes, observedBytes, terms, ...seen }) {
      const before = devices.get(device);
      const strain = nextStrain(before?.strain ?? UNSTRAINED, seen);
      devices.set(device, { totalBytes, observedBytes, strain, terms: terms ?? before?.terms ?? OPEN_TERMS });
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
    noteUse: (owner, bytes) => void uses.set(owner, bytes),
    release(owner) {
      held = without(owner);
      uses.delete(owner);
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

function sumBytes(reservations: readonly Reservation[], counts: (reservation: Reservation) => boolean): number {
  return reservations.filter(counts).reduce((bytes, reservation) => bytes + reservation.bytes, 0);
}

function drawPicture({ entry, held, uses, rules }: Page): LedgerPicture {
  const { totalBytes } = entry;
  const instanceBytes = sumBytes(held, (it) => it.kind === 'instance');
  const taskBytes = sumBytes(held, (it) => it.kind === 'task');
  const taskBudgetBytes = Math.floor(totalBytes * rules.taskShare);
  const freeBytes = Math.max(0, totalBytes - instanceBytes - taskBytes);
  const strangersBytes = measureStrangers(entry, held, uses);
  const ofBudget = taskBudgetBytes - instanceBytes - taskBytes;
  return {
    totalBytes,
    instanceBytes,
    taskBytes,
    taskBudgetBytes,
    freeBytes,
    freeForTasksBytes: Math.max(0, Math.min(ofBudget, freeBytes - (strangersBytes ?? 0))),
    strangersBytes,
    standing: standingOf(entry.terms, entry.strain),
    strain: entry.strain,
  };
}

/** In use by nobody that holds something here. Who was not measured is taken to use all that it holds. */
function measureStrangers({ observedBytes }: Entry, held: Page['held'], uses: Page['uses']): number | null {
  if (observedBytes === null) return null;
  const ours = held.reduce((bytes, { owner, bytes: promised }) => bytes + (uses.get(owner) ?? promised), 0);
  return Math.max(0, observedBytes - ours);
}

interface Wish {
  readonly request: Pick<ReservationRequest, 'kind' | 'role'>;
  readonly share: { readonly device: string; readonly bytes: number };
  /** What the owner holds already: a restart is not refused for the memory of its own former process. */
  readonly ownBytes: number;
  /** Without what the owner holds; null for an unknown device. */
  readonly page: Page | null;
}

const GANG = 'a task cannot hold memory of several cards yet: ask for no more than one card has';

function objectTo({ request, share, ownBytes, page }: Wish): Objection {
  if (page === null) return refuse('never', 'this host has no such device');
  const picture = drawPicture(page);
  return (
    objectToSum(request.kind, share.bytes, picture, page.rules) ??
    objectToStanding(request, picture.standing) ??
    objectToUse(request.kind, share.bytes, picture, (page.entry.observedBytes ?? 0) - ownBytes)
  );
}

function objectToSum(
  kind: ReservationKind,
  bytes: number,
  { totalBytes, taskBudgetBytes, freeBytes, instanceBytes, taskBytes }: LedgerPicture,
  { taskShare }: LedgerRules,
): Objection {
  const limit = kind === 'task' ? taskBudgetBytes : totalBytes;
  const free = kind === 'task' ? Math.max(0, limit - instanceBytes - taskBytes) : freeBytes;
  if (bytes <= free) return null;
  const limitName = kind === 'task' ? `for tasks (${taskShare * 100}% of ${formatBytes(totalBytes)})` : 'total';
  return refuse(
    bytes > limit ? 'never' : 'now',
    `need ${formatBytes(bytes)}, free ${formatBytes(free)} = ${formatBytes(limit)} ${limitName}` +
      ` - ${formatBytes(instanceBytes)} instances - ${formatBytes(taskBytes)} tasks`,
  );
}

function objectToStanding({ kind, role }: Wish['request'], standing: Standing): Objection {
  const refusal = refusalOf(standing, role ?? (kind === 'task' ? 'tasks' : 'instances'));
  if (refusal !== null) return refuse('now', refusal);
  return kind === 'task' && standing.condition === 'constrained' ? refuse('now', standing.why ?? 'constrained') : null;
}

/** What is in use counts, whoever uses it: nothing new under pressure, and no task beyond what is free. */
function objectToUse(
  kind: ReservationKind,
  bytes: number,
  { totalBytes, freeForTasksBytes }: LedgerPicture,
  observedBytes: number,
): Objection {
  const fits = kind !== 'task' || bytes <= freeForTasksBytes;
  if (fits && observedBytes < totalBytes * PRESSURE_SHARE) return null;
  return refuse('now', `${formatBytes(observedBytes)} of ${formatBytes(totalBytes)} are in use, as measured`);
}

function refuse(when: 'never' | 'now', arithmetic: string): NonNullable<Objection> {
  return { kind: 'refused', arithmetic, when };
}
