/** The life of the agent as a number: every start is one more, so that word from an earlier life can be told. */

import { readFileIfExists, writeFileAtomic } from '../kernel/index.ts';

/** Counts this start. A file that holds no number counts as never started. */
export function nextEpoch(path: string): number {
  const before = Number.parseInt(readFileIfExists(path) ?? '', 10);
  const epoch = (Number.isNaN(before) ? 0 : before) + 1;
  writeFileAtomic(path, `${epoch}\n`);
  return epoch;
}
