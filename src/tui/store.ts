/** Holds the state: events go in, the reducer decides, effects and changes go to the shell. */

import { reduce } from './reduce.ts';
import type { DashboardEvent, DashboardState, Effect } from './state.ts';

export interface DashboardStore {
  readonly state: () => DashboardState;
  readonly post: (event: DashboardEvent) => void;
}

interface StoreDeps {
  readonly perform: (effect: Effect) => void;
  readonly onChange: () => void;
}

export function createStore(initial: DashboardState, { perform, onChange }: StoreDeps): DashboardStore {
  let state = initial;
  return {
    state: () => state,
    post(event) {
      const step = reduce(state, event);
      const changed = step.state !== state;
      state = step.state;
      if (changed) onChange();
      for (const effect of step.effects) perform(effect);
    },
  };
}
