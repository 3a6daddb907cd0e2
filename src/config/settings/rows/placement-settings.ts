/** Settings of where requests run, and when one model makes room for another. */

import { duration, oneOf, truth } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

const STRATEGIES = ['least-loaded', 'most-free-memory', 'round-robin'] as const;

export interface PlacementSettings {
  readonly placement: (typeof STRATEGIES)[number];
  readonly prefixAffinity: boolean;
  readonly swapWindowMs: number;
}

export const PLACEMENT_SETTINGS: SettingTable<PlacementSettings> = {
  placement: {
    key: 'placement',
    kind: oneOf(STRATEGIES),
    about: 'What decides between instances of a model that are equally good for a request.',
    counts: 'live',
    fallback: () => 'least-loaded',
  },
  prefixAffinity: {
    key: 'prefix_affinity',
    kind: truth,
    about: 'Whether requests of one conversation go to the instance that has its prompt in its cache.',
    counts: 'live',
    fallback: () => true,
  },
  swapWindowMs: {
    key: 'swap_window',
    kind: duration,
    about: 'How long a model that was loaded stays before another one may take its memory.',
    counts: 'live',
    fallback: () => 10_000,
  },
};
