/** The life of the agent as a number: every start is more, so that word from an earlier life can be told. */

import { readFileIfExists, writeFileAtomic } from '../kernel/index.ts';

/** 2020-01-01, the beginning of the count for a home that has lost its own. */
const BEGINNING = 1_577_836_800_000;

/**
 * Counts this start. Where the file is gone or holds no number the count goes on from the clock, in seconds: the
 * controller's store may remember earlier lives, and would refuse one that begins at 1 again.
 */
export function nextEpoch(path: string, now: number): number {
  const text = (readFileIfExists(path) ?? '').trim();
  const epoch = /^\d+$/.test(text) ? Number(text) + 1 : Math.max(1, Math.floor((now - BEGINNING) / 1_000));
  writeFileAtomic(path, `${epoch}\n`);
  return epoch;
}
