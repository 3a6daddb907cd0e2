/**
 * Where a model should run: which devices, how many of its layers, what context. Looks at every placement that fits
 * what is free and takes the best, so that more memory can only make it better. Pure; the ledger has the last word.
 */

import { estimateMemory } from './memory-fit.ts';
import type { MemoryEstimate, MemoryNeed } from './memory-fit.ts';

export interface CandidateDevice {
  readonly id: string;
  /** What would compute on it. */
  readonly backend: string;
  readonly freeBytes: number;
  /** True for a card that draws on the host's memory: what it leaves to the CPU it has to give itself. */
  readonly unified: boolean;
}

export interface ModelWish {
  readonly file: MemoryNeed['file'];
  /** Tokens per slot; null: as many as fit, up to `longest` and a usual size. */
  readonly contextSize: number | null;
  /** The longest context the model was made for; null when it does not tell. */
  readonly longest: number | null;
  readonly slots: number;
}

interface PlacementShare {
  readonly device: string;
  readonly freeBytes: number;
  readonly layers: number;
  readonly estimate: MemoryEstimate;
}

export interface Placement {
  readonly kind: 'one-card' | 'split' | 'partial' | 'cpu';
  /** Of the cards; `cpu` without one. */
  readonly backend: string;
  /** The cards, or `cpu`. */
  readonly devices: readonly string[];
  /** On cards. */
  readonly layers: number;
  readonly ofLayers: number;
  readonly contextSize: number;
  readonly slots: number;
  /** Cards first, then the CPU for the layers that are left. */
  readonly shares: readonly PlacementShare[];
}

export type Suggestion =
  | { readonly kind: 'fits'; readonly placement: Placement }
  /** Nothing does: the least it takes, and the longest context that would fit, if any does. */
  | { readonly kind: 'too-large'; readonly leastBytes: number; readonly smaller: Placement | null };

/** Asked for nothing else, nobody needs more; the rest of the memory is for other models. */
const USUAL_LONGEST = 32_768;
/** Below this a context is felt: for it a model is rather spread over cards. */
const COMFORTABLE = 8_192;
const SHORTEST = 512;

export function suggest(devices: readonly CandidateDevice[], wish: ModelWish): Suggestion {
  const wished = wish.contextSize === null ? contextsUpTo(longestOf(wish)) : [wish.contextSize];
  const placement = bestPlacement(devices, wish, wished);
  if (placement !== null) return { kind: 'fits', placement };
  const shorter = contextsUpTo(wish.contextSize ?? SHORTEST).slice(1);
  const least = estimateMemory({ ...wish, contextSize: SHORTEST, layers: 'all' });
  return { kind: 'too-large', leastBytes: least.totalBytes, smaller: bestPlacement(devices, wish, shorter) };
}

function longestOf({ longest }: ModelWish): number {
  return Math.max(SHORTEST, Math.min(longest ?? COMFORTABLE, USUAL_LONGEST));
}

/** The longest itself, then the powers of two below it. */
function contextsUpTo(longest: number): readonly number[] {
  const powers = Array.from({ length: 30 }, (_, at) => 2 ** at).toReversed();
  return [longest, ...powers.filter((size) => size < longest && size >= SHORTEST)];
}

function bestPlacement(
  devices: readonly CandidateDevice[],
  wish: ModelWish,
  contexts: readonly number[],
): Placement | null {
  const placements = contexts.flatMap((contextSize) => placementsFor(devices, { ...wish, contextSize }));
  const [first, ...others] = placements;
  if (first === undefined) return null;
  return others.reduce((best, other) => (isBetter(other, best) ? other : best), first);
}

/** All on cards, then a comfortable context, then layers on cards, then few cards, then context. */
function worthOf({ layers, ofLayers, contextSize, devices }: Placement): readonly number[] {
  const whole = layers === ofLayers ? 1 : 0;
  return [whole, Math.min(contextSize, COMFORTABLE), layers, -devices.length, contextSize];
}

export function isBetter(a: Placement, b: Placement): boolean {
  const [worthA, worthB] = [worthOf(a), worthOf(b)];
  const at = worthA.findIndex((value, index) => value !== worthB[index]);
  return at >= 0 && (worthA[at] ?? 0) > (worthB[at] ?? 0);
}

interface Shape extends ModelWish {
  readonly contextSize: number;
}

function placementsFor(devices: readonly CandidateDevice[], shape: Shape): readonly Placement[] {
  const cpu = devices.find(({ backend }) => backend === 'cpu');
  const cards = devices.filter(({ backend }) => backend !== 'cpu');
  const groups = [...new Set(cards.map(({ backend }) => backend))].map((backend) =>
    cards.filter((card) => card.backend === backend).toSorted((a, b) => a.freeBytes - b.freeBytes),
  );
  const onCards = groups.flatMap((group) =>
    group.flatMap((_, at) => [wholeOn(group, at + 1, shape), partlyOn(group, at + 1, cpu, shape)]),
  );
  return [...onCards, cpu === undefined ? null : onCpu(cpu, shape)].filter((placement) => placement !== null);
}

/** A model without a layer count is one piece. */
function layersOf({ file }: Shape): number {
  return Math.max(1, file.layers);
}

function shareOf({ id, freeBytes }: CandidateDevice, layers: number, shape: Shape): PlacementShare {
  const all = layers >= layersOf(shape);
  return { device: id, freeBytes, layers, estimate: estimateMemory({ ...shape, layers: all ? 'all' : layers }) };
}

function holds({ estimate, freeBytes }: PlacementShare): boolean {
  return estimate.totalBytes <= freeBytes;
}

/** On the tightest cards that hold an equal part each. */
function wholeOn(group: readonly CandidateDevice[], count: number, shape: Shape): Placement | null {
  const layers = layersOf(shape);
  if (count > layers) return null;
  const most = Math.ceil(layers / count);
  const cards = group.filter((card) => holds(shareOf(card, most, shape))).slice(0, count);
  if (cards.length < count) return null;
  const fewer = most * count - layers;
  const shares = cards.map((card, at) => shareOf(card, at < fewer ? most - 1 : most, shape));
  return toPlacement(count === 1 ? 'one-card' : 'split', cards, shares, shape);
}

/** As many layers as the roomiest cards hold in equal parts, and the rest on the CPU. */
function partlyOn(
  group: readonly CandidateDevice[],
  count: number,
  cpu: CandidateDevice | undefined,
  shape: Shape,
): Placement | null {
  const cards = group.slice(-count);
  const [tightest] = cards;
  if (tightest === undefined || cpu === undefined || cards.some(({ unified }) => unified)) return null;
  const layers = layersOf(shape);
  const each = mostLayers(tightest, Math.floor((layers - 1) / count), shape);
  const rest = shareOf(cpu, layers - each * count, shape);
  if (each === 0 || !holds(rest)) return null;
  return toPlacement('partial', cards, [...cards.map((card) => shareOf(card, each, shape)), rest], shape);
}

function mostLayers(card: CandidateDevice, limit: number, shape: Shape): number {
  for (let layers = limit; layers > 0; layers--) if (holds(shareOf(card, layers, shape))) return layers;
  return 0;
}

function onCpu(cpu: CandidateDevice, shape: Shape): Placement | null {
  const share = shareOf(cpu, layersOf(shape), shape);
  return holds(share) ? { ...toPlacement('cpu', [cpu], [share], shape), layers: 0 } : null;
}

function toPlacement(
  kind: Placement['kind'],
  cards: readonly CandidateDevice[],
  shares: readonly PlacementShare[],
  shape: Shape,
): Placement {
  const ids = cards.map(({ id }) => id);
  return {
    kind,
    backend: cards[0]?.backend ?? 'cpu',
    devices: ids,
    layers: shares.filter(({ device }) => ids.includes(device)).reduce((sum, share) => sum + share.layers, 0),
    ofLayers: layersOf(shape),
    contextSize: shape.contextSize,
    slots: shape.slots,
    shares,
  };
}
