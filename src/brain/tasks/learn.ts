/** Learns from each attempt how much memory its step takes, in the turn that stores its end. */

import { saveLearnedMemory } from '../../store/index.ts';
import { refile } from '../book.ts';
import type { Known } from '../known.ts';
import { learnedBytes, stepKey, withPeak } from './learned-memory.ts';
import { expect } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

/** `peakBytes` null: nothing measured it. */
export function learnPeak(turn: Turn, known: Known, peakBytes: number | null): void {
  if (peakBytes === null || known.node.taskClass !== 'script') return;
  const { book, tx } = turn;
  const plan = known.batch.plan.name;
  const step = known.template ?? known.name;
  const key = stepKey(plan, step);
  const before = book.learned.get(key) ?? [];
  const peaks = withPeak(before, peakBytes);
  book.learned.set(key, peaks);
  expect(turn, saveLearnedMemory(tx, { plan, step, peaks }));
  if (learnedBytes(before) !== learnedBytes(peaks)) refile(book, plan);
}
