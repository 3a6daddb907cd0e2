/**
 * How a simulated card behaves: it warms up towards a temperature that follows from its load and cools more slowly,
 * its memory fills as an engine would fill it, its power follows its load. Pure; time and chance come in.
 */

import type { Random } from '../../kernel/index.ts';
import type { RigCard } from './rig.ts';

interface CardState {
  readonly at: number;
  readonly temperatureC: number;
  /** By the driver and by what was promised. */
  readonly touchedBytes: number;
  readonly heldBytes: number;
  readonly load: number;
}

/** Bytes that the ledger has promised on the card, and that programs say they hold. */
export interface CardDemand {
  readonly instanceBytes: number;
  readonly taskBytes: number;
  /** Of `taskBytes`, those whose programs say themselves what they hold. */
  readonly toldBytes: number;
  /** What programs hold by their own word, at once. */
  readonly heldBytes: number;
}

interface CardValues {
  readonly observedBytes: number;
  readonly temperatureC: number;
  readonly powerW: number;
  readonly powerLimitW: number;
  readonly utilisationPercent: number;
}

const GIB = 1024 ** 3;
/** Above the room: at rest, and what full load adds. In a usual room full load stays below the limit of 85 °C. */
const IDLE_RISE_C = 15;
const LOAD_RISE_C = 43;
const WARM_UP_MS = 45_000;
const COOL_DOWN_MS = 80_000;
const FILL_MS = 2_000;
/** Taken by the driver; and of what was promised the part that engines touch. Together below the pressure mark. */
const DRIVER_SHARE = 0.02;
const TOUCHED_SHARE = 0.9;

export function coldCard(card: RigCard, at: number): CardState {
  const touchedBytes = card.totalBytes * DRIVER_SHARE;
  return { at, temperatureC: card.roomC + IDLE_RISE_C, touchedBytes, heldBytes: 0, load: 0 };
}

export function stepCard(card: RigCard, before: CardState, demand: CardDemand, at: number): CardState {
  const passedMs = at - before.at;
  if (passedMs <= 0) return before;
  const load = loadOf(card, demand);
  const target = card.roomC + IDLE_RISE_C + LOAD_RISE_C * load;
  const promised = demand.instanceBytes + demand.taskBytes - demand.toldBytes;
  const touched = card.totalBytes * DRIVER_SHARE + promised * TOUCHED_SHARE;
  const constantMs = target > before.temperatureC ? WARM_UP_MS : COOL_DOWN_MS;
  return {
    at,
    load,
    temperatureC: approach(before.temperatureC, target, passedMs / constantMs),
    touchedBytes: approach(before.touchedBytes, touched, passedMs / FILL_MS),
    heldBytes: demand.heldBytes,
  };
}

/** A loaded model keeps a card warm, a task keeps it busy. */
function loadOf({ totalBytes }: RigCard, { instanceBytes, taskBytes }: CardDemand): number {
  if (totalBytes === 0) return 0;
  const held = instanceBytes > 0 ? 0.1 + (0.2 * instanceBytes) / totalBytes : 0;
  const worked = taskBytes > 0 ? 0.7 + (0.3 * taskBytes) / totalBytes : 0;
  return Math.min(1, Math.max(held, worked));
}

function approach(from: number, target: number, constants: number): number {
  return target + (from - target) * Math.exp(-constants);
}

/** What a sensor shows: the state with a little noise. */
export function measureCard(card: RigCard, state: CardState, random: Random): CardValues {
  const { temperatureC, touchedBytes, heldBytes, load } = state;
  const noise = (most: number): number => (random() * 2 - 1) * most;
  const powerLimitW = Math.round(90 + (11 * card.totalBytes) / GIB);
  return {
    observedBytes: Math.round(Math.max(0, touchedBytes * (1 + noise(0.003)) + heldBytes)),
    temperatureC: Math.round(temperatureC + noise(0.6)),
    powerW: Math.round((powerLimitW * (0.1 + 0.82 * load) + noise(3)) * 10) / 10,
    powerLimitW,
    utilisationPercent: load === 0 ? 0 : Math.round(Math.min(100, Math.max(1, 96 * load + noise(4)))),
  };
}
