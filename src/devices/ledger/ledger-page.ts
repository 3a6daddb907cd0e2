/** All that the memory ledger knows of one device, and the sums made from it. Pure; whether something fits is said elsewhere. */

import type { Reservation } from './reservations.ts';
import { standingOf } from './standing.ts';
import type { DeviceTerms, Standing } from './standing.ts';
import type { Strain } from './strain.ts';

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

export interface LedgerRules {
  /** Tasks are granted memory up to this share of a device, instances counted in. */
  readonly taskShare: number;
}

export interface LedgerEntry {
  readonly totalBytes: number;
  /** As of the last look, less what those used who have left since. */
  readonly observedBytes: number | null;
  /** Who held something here at the last look. */
  readonly seen: ReadonlySet<string>;
  readonly terms: DeviceTerms;
  readonly strain: Strain;
}

/** All that the ledger knows of one device. */
export interface LedgerPage {
  readonly entry: LedgerEntry;
  readonly held: readonly Reservation[];
  readonly uses: ReadonlyMap<string, number>;
  readonly rules: LedgerRules;
}

export function sumBytes(reservations: readonly Reservation[], counts: (reservation: Reservation) => boolean): number {
  return reservations.filter(counts).reduce((bytes, reservation) => bytes + reservation.bytes, 0);
}

export function drawPicture({ entry, held, uses, rules }: LedgerPage): LedgerPicture {
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
    freeForTasksBytes: Math.max(0, Math.min(ofBudget, freeBytes - (strangersBytes ?? 0) - excessOf(held, uses))),
    strangersBytes,
    standing: standingOf(entry.terms, entry.strain),
    strain: entry.strain,
  };
}

/** What owners use beyond what they hold. */
function excessOf(held: LedgerPage['held'], uses: LedgerPage['uses']): number {
  return held.reduce((sum, { owner, bytes }) => sum + Math.max(0, (uses.get(owner) ?? 0) - bytes), 0);
}

/** In use by nobody that holds something here. Who was not measured is taken to use all that it holds. */
function measureStrangers(
  { observedBytes }: LedgerEntry,
  held: LedgerPage['held'],
  uses: LedgerPage['uses'],
): number | null {
  if (observedBytes === null) return null;
  const ours = held.reduce((bytes, { owner, bytes: promised }) => bytes + (uses.get(owner) ?? promised), 0);
  return Math.max(0, observedBytes - ours);
}
