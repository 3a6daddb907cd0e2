/**
 * Which instances go so that another one has room: idle ones by bytes, the least recently used first, none that was
 * loaded a moment ago. One that is used gives way only to a request that has waited for a whole window. Pure.
 */

import type { WaitedFor } from '../../gateway/index.ts';

/** What holds memory, or is about to. */
export interface Resident {
  readonly name: string;
  /** Catalogue id; null for a model given by path. */
  readonly modelId: string | null;
  readonly devices: readonly string[];
  readonly memoryBytes: number;
  /** `fixed`: nobody may unload it. `coming`, `leaving`: its memory is not free yet, or about to be taken. */
  readonly standing: 'ready' | 'coming' | 'leaving' | 'fixed';
  /** Epoch ms; null while it is not ready. */
  readonly readyAt: number | null;
  readonly busySlots: number;
  /** Requests wait for it. */
  readonly isWanted: boolean;
  /** Epoch ms. */
  readonly usedAt: number;
}

/** Where it could go: all of these shares together. */
export type Shares = readonly { readonly device: string; readonly bytes: number }[];

export interface RoomQuestion {
  readonly alternatives: readonly Shares[];
  /** Bytes of each device that no task holds. */
  readonly capacity: ReadonlyMap<string, number>;
  readonly residents: readonly Resident[];
  /** The longest wait for what wants in; null when nobody waits any more. */
  readonly waited: WaitedFor | null;
  readonly windowMs: number;
  /** Its owner has refused what should have fitted: one more has to go. */
  readonly wasRefused: boolean;
  /** Epoch ms. */
  readonly now: number;
}

export type RoomDecision =
  | { readonly kind: 'fits'; readonly shares: Shares }
  | { readonly kind: 'evict'; readonly names: readonly string[]; readonly shares: Shares }
  /** Some of these will be able to go: at that moment, or after the next change when it is null. */
  | { readonly kind: 'wait'; readonly at: number | null; readonly names: readonly string[] }
  /** Whoever could go would not be enough. */
  | { readonly kind: 'hopeless' }
  /** No device that it could be on is known (yet). */
  | { readonly kind: 'unknown' };

export function decideRoom(question: RoomQuestion): RoomDecision {
  if (question.alternatives.length === 0) return { kind: 'unknown' };
  const ways = question.alternatives.map((shares) => wayTo(shares, question));
  const fits = ways.find(({ kind }) => kind === 'fits');
  if (fits !== undefined) return fits;
  const evictions = ways.filter((way) => way.kind === 'evict');
  const [least] = evictions.toSorted((a, b) => a.bytes - b.bytes);
  if (least !== undefined) return { kind: 'evict', names: least.names, shares: least.shares };
  const waits = ways.filter((way) => way.kind === 'wait');
  const [soonest] = waits.toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity));
  return soonest ?? waitForUnplaced(question.residents);
}

function waitForUnplaced(residents: readonly Resident[]): RoomDecision {
  const names = residents.filter(isUnplaced).map(({ name }) => name);
  return names.length > 0 ? { kind: 'wait', at: null, names } : { kind: 'hopeless' };
}

/** It will take memory, and nobody knows yet where. */
function isUnplaced({ standing, devices }: Resident): boolean {
  return standing === 'coming' && devices.length === 0;
}

type Way =
  | Exclude<RoomDecision, { readonly kind: 'evict' | 'unknown' }>
  | { readonly kind: 'evict'; readonly names: readonly string[]; readonly shares: Shares; readonly bytes: number };

function wayTo(shares: Shares, question: RoomQuestion): Way {
  const missing = missingOn(shares, question, []);
  if (missing.length === 0 && !question.wasRefused) return { kind: 'fits', shares };
  const devices = new Set(shares.map(({ device }) => device));
  const there = question.residents
    .filter((resident) => resident.standing !== 'fixed' && resident.devices.some((device) => devices.has(device)))
    .map((resident) => ({ resident, freeAt: freeAt(resident, question) }));
  const now = there.filter(({ freeAt: at }) => at === 'now').map(({ resident }) => resident);
  const victims = leastOf(
    shares,
    now.toSorted((a, b) => a.usedAt - b.usedAt),
    question,
  );
  if (victims !== null) {
    const bytes = victims.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
    return { kind: 'evict', names: victims.map(({ name }) => name), shares, bytes };
  }
  if (
    missingOn(
      shares,
      question,
      there.map(({ resident }) => resident),
    ).length > 0
  )
    return { kind: 'hopeless' };
  const times = there.flatMap(({ freeAt: at }) => (typeof at === 'number' ? at : []));
  const names = there.map(({ resident }) => resident.name);
  return names.length === 0
    ? { kind: 'hopeless' }
    : { kind: 'wait', at: times.length === 0 ? null : Math.min(...times), names };
}

/** As few of them as will do, the first ones first; null when all of them are not enough. */
function leastOf(shares: Shares, candidates: readonly Resident[], question: RoomQuestion): readonly Resident[] | null {
  const going: Resident[] = [];
  const isEnough = (gone: readonly Resident[]): boolean =>
    missingOn(shares, question, gone).length === 0 && (!question.wasRefused || gone.length > 0);
  for (const candidate of candidates) {
    if (isEnough(going)) break;
    going.push(candidate);
  }
  if (!isEnough(going)) return null;
  return going.filter((one) => !isEnough(going.filter((other) => other !== one)));
}

/** Shares that have no room when these are gone. */
function missingOn(shares: Shares, { capacity, residents }: RoomQuestion, gone: readonly Resident[]): Shares {
  const left = residents.filter((resident) => !gone.includes(resident));
  const heldOn = (device: string): number =>
    left
      .filter(({ devices }) => devices.includes(device))
      .reduce((sum, { memoryBytes, devices }) => sum + memoryBytes / devices.length, 0);
  return shares.filter(({ device, bytes }) => (capacity.get(device) ?? 0) - heldOn(device) < bytes);
}

/** When it may be made to go: now, at a moment, or after something has changed. */
function freeAt(
  { standing, readyAt, busySlots, isWanted }: Resident,
  question: RoomQuestion,
): 'now' | 'later' | number {
  const { windowMs, waited, now } = question;
  if (standing !== 'ready' || readyAt === null) return 'later';
  const settledAt = readyAt + windowMs;
  if (settledAt > now) return settledAt;
  if (busySlots === 0 && !isWanted) return 'now';
  if (waited?.class !== 'interactive') return 'later';
  return waited.ms >= windowMs ? 'now' : now + windowMs - waited.ms;
}
