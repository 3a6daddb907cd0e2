/** What to load and what to unload, from one look at the whole. Pure; `placements.ts` has it done. */

import { decideLoads } from './loads.ts';
import type { Decision, Situation } from './situation.ts';
import { decideUnloads } from './unloads.ts';

export function decidePlacements(situation: Situation): Decision {
  const { loads, claims } = decideLoads(situation);
  return { placements: [...loads, ...decideUnloads(situation)], claims };
}
