/** How much memory a step of a plan takes: as written, or as its earlier attempts were seen to take. Pure. */

import type { CompiledNode } from '../../plans/index.ts';

const MIB = 1024 * 1024;
/** Charged to a script of which nothing is known. */
const UNKNOWN_BYTES = 1024 * MIB;
/** Fewer peaks teach nothing. */
const FEWEST_PEAKS = 3;
const MOST_PEAKS = 64;
/** Charges are multiples of it, so that what is learned seldom changes them. */
const GRAIN_BYTES = 64 * MIB;

/** Versions of a plan share what was learned. */
export function stepKey(plan: string, step: string): string {
  return `${plan}/${step}`;
}

export function withPeak(peaks: readonly number[], bytes: number): readonly number[] {
  return [...peaks, bytes].slice(-MOST_PEAKS);
}

/** 95 of 100 earlier attempts took no more than this; null while too few are known. */
export function learnedBytes(peaks: readonly number[] = []): number | null {
  if (peaks.length < FEWEST_PEAKS) return null;
  const sorted = peaks.toSorted((a, b) => a - b);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
  return Math.max(1, Math.ceil(p95 / GRAIN_BYTES)) * GRAIN_BYTES;
}

/** Memory that the first attempt of a task is charged with; 0 for what charges none. */
export function memoryCharge(node: CompiledNode, peaks: readonly number[] | undefined): number {
  if (node.taskClass !== 'script' || node.type !== 'shell') return 0;
  const written = node.vramEstimateMb === undefined ? null : node.vramEstimateMb * MIB;
  const learned = node.vramPolicy === 'fixed' ? null : learnedBytes(peaks);
  const first = node.vramPolicy === 'infer' ? (learned ?? written) : (written ?? learned);
  return first ?? UNKNOWN_BYTES;
}
