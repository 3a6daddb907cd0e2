/** Counts samples: how many of what, and how many somebody can learn from. Pure. */

import type { SampleLine } from './read-samples.ts';
import { isPair, isPositive } from './samples.ts';

interface KindCounts {
  samples: number;
  accepted: number;
}

interface SampleCounts {
  samples: number;
  damaged: number;
  accepted: number;
  reviewed: number;
  positive: number;
  pairs: number;
  readonly by_kind: Record<string, KindCounts>;
  readonly by_model: Record<string, KindCounts>;
}

export async function countSamples(lines: AsyncIterable<SampleLine>): Promise<SampleCounts> {
  const counts = { samples: 0, damaged: 0, accepted: 0, reviewed: 0, positive: 0, pairs: 0, by_kind: {}, by_model: {} };
  for await (const line of lines) count(counts, line);
  return counts;
}

function count(counts: SampleCounts, line: SampleLine): void {
  if (line.kind === 'damaged') {
    counts.damaged += 1;
    return;
  }
  const { sample } = line;
  const { accepted } = sample.outcome;
  counts.samples += 1;
  if (accepted) counts.accepted += 1;
  if (sample.review !== null) counts.reviewed += 1;
  if (isPositive(sample)) counts.positive += 1;
  if (isPair(sample)) counts.pairs += 1;
  add(counts.by_kind, sample.kind, accepted);
  add(counts.by_model, sample.model, accepted);
}

function add(groups: Record<string, KindCounts>, name: string, accepted: boolean): void {
  const group = (groups[name] ??= { samples: 0, accepted: 0 });
  group.samples += 1;
  if (accepted) group.accepted += 1;
}
