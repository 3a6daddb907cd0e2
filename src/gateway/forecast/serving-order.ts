/** In what order those who wait will be served if nobody else comes. Pure. */

import type { FairShares } from '../queue/fairness.ts';
import { arrivedBefore } from '../queue/lane.ts';
import type { Entry } from '../queue/lane.ts';

/** Of one group. By tier; there the key that will have used least by then, as the queue itself decides. */
export function servingOrder(entries: readonly Entry[], shares: FairShares): readonly Entry[] {
  const usedBefore = sharesBefore(entries, shares);
  const used = (entry: Entry): number => usedBefore.get(entry) ?? 0;
  return entries.toSorted((a, b) => a.tier - b.tier || used(a) - used(b) || byArrival(a, b));
}

/** What the key of each has used when its turn comes; nothing counts among those who are overdue. */
function sharesBefore(entries: readonly Entry[], shares: FairShares): ReadonlyMap<Entry, number> {
  const spent = new Map<string, number>();
  const before = new Map<Entry, number>();
  for (const entry of entries.toSorted((a, b) => a.tier - b.tier || byArrival(a, b))) {
    const { key, cost } = entry.request;
    const used = spent.get(key) ?? shares.used(key);
    before.set(entry, entry.tier === 0 ? 0 : used);
    spent.set(key, used + cost);
  }
  return before;
}

function byArrival(a: Entry, b: Entry): number {
  return arrivedBefore(a, b) ? -1 : 1;
}
