/**
 * Whether a ready engine is used, and whether what it works on moves: from its slots and from the word of the
 * controller. Pure; what follows from it is decided in `step-activity.ts`.
 */

import type { InstanceSpec } from '../../contract/index.ts';
import type { SlotReading, SlotsReading } from '../../engines/index.ts';

/** What came of asking for the slots. */
export type SlotsAnswer =
  | { readonly kind: 'told'; readonly reading: SlotsReading }
  /** The engine does not show its slots. */
  | { readonly kind: 'not-told' }
  /** Its main loop is busy, or hangs. */
  | { readonly kind: 'no-answer' };

export interface Activity {
  /** The last sign of a request, epoch ms. */
  readonly usedAt: number;
  /** The last time that it was seen idle, or that something moved. */
  readonly movedAt: number;
  /** The last time that it was asked for one token. */
  readonly canaryAt: number;
  /** The slots as last told; null when that says nothing about the next look. */
  readonly slots: readonly SlotReading[] | null;
}

export function beginActivity(now: number): Activity {
  return { usedAt: now, movedAt: now, canaryAt: now, slots: null };
}

export function lookAt(before: Activity, answer: SlotsAnswer, now: number): Activity {
  switch (answer.kind) {
    case 'told':
      return seeSlots(before, answer.reading, now);
    case 'not-told':
      return { ...before, movedAt: now, slots: null };
    case 'no-answer':
      return seeNothing(before, now);
    default:
      return answer satisfies never;
  }
}

/** As `lookAt` after a request of our own, which is no use of the engine. */
export function lookAfterCanary(before: Activity, answer: SlotsAnswer, now: number): Activity {
  const after = { ...before, canaryAt: now, movedAt: now, slots: answer.kind === 'told' ? answer.reading.slots : null };
  return isBusy(answer) ? { ...after, usedAt: now } : after;
}

export function isBusy(answer: SlotsAnswer): boolean {
  return answer.kind === 'told' && answer.reading.busy > 0;
}

function seeSlots(before: Activity, { busy, slots }: SlotsReading, now: number): Activity {
  const known = before.slots;
  const used = busy > 0 || (known !== null && slots.some((slot) => slot.taskId !== slotBefore(known, slot)?.taskId));
  const moved = busy === 0 || known === null || slots.some((slot) => slot.busy && moves(slotBefore(known, slot), slot));
  return { ...before, slots, usedAt: used ? now : before.usedAt, movedAt: moved ? now : before.movedAt };
}

/** After an idle look, the silence begins now; after a busy one it began when something last moved. */
function seeNothing(before: Activity, now: number): Activity {
  const wasIdle = before.slots?.every((slot) => !slot.busy) ?? false;
  return wasIdle ? { ...before, movedAt: now, slots: null } : before;
}

function slotBefore(known: readonly SlotReading[], slot: SlotReading): SlotReading | undefined {
  return known.find((other) => other.id === slot.id);
}

function moves(before: SlotReading | undefined, slot: SlotReading): boolean {
  if (before === undefined || !before.busy) return true;
  return (
    before.taskId !== slot.taskId ||
    before.tokensDecoded !== slot.tokensDecoded ||
    before.promptTokensDone !== slot.promptTokensDone
  );
}

/** Null while something moved lately enough. */
export function stillForMs(activity: Activity, { health }: InstanceSpec, now: number): number | null {
  const stillMs = now - activity.movedAt;
  return stillMs >= health.stallTimeoutMs ? stillMs : null;
}

export function isIdleForLong(activity: Activity, { idleTtlMs }: InstanceSpec, now: number): boolean {
  return idleTtlMs !== null && now - activity.usedAt >= idleTtlMs;
}

export function isCanaryDue(activity: Activity, { health }: InstanceSpec, now: number): boolean {
  return health.canaryMs !== null && now - activity.canaryAt >= health.canaryMs;
}

/** A request that hangs is met before its stall is over, and a due moment when it comes. */
const LOOKS_PER_STALL = 2;
const LEAST_LOOK_MS = 100;

/** When to look at the slots again; null when nobody needs to know. `random` is in [0, 1). */
export function nextLookMs(
  activity: Activity,
  spec: InstanceSpec,
  { tells, now, random }: { readonly tells: boolean; readonly now: number; readonly random: number },
): number | null {
  const { health, idleTtlMs } = spec;
  const needs: number[] = [];
  if (tells) needs.push((health.stallTimeoutMs / LOOKS_PER_STALL) * (0.9 + 0.2 * random));
  if (tells) needs.push(activity.movedAt + health.stallTimeoutMs - now);
  if (tells && health.canaryMs !== null) needs.push(activity.canaryAt + health.canaryMs - now);
  if (idleTtlMs !== null) needs.push(activity.usedAt + idleTtlMs - now);
  return needs.length === 0 ? null : Math.max(LEAST_LOOK_MS, Math.round(Math.min(...needs)));
}
