/**
 * Instances of which no record tells whether an earlier life left an engine of theirs. Each is swept once, and nothing
 * of it starts before that is done.
 */

import type { Launcher } from './launch/launcher.ts';

interface LeftoverSweeps {
  begin(names: readonly string[]): void;
  isKnown(name: string): boolean;
  /** Resolves when nothing of an earlier life is left of it; at once when it was not in doubt. */
  over(name: string): Promise<void>;
  allOver(): Promise<void>;
}

export function createLeftoverSweeps(launcher: Pick<Launcher, 'sweep'>): LeftoverSweeps {
  const sweeps = new Map<string, Promise<unknown>>();
  return {
    begin(names) {
      for (const name of names) sweeps.set(name, launcher.sweep(name, null));
    },
    isKnown: (name) => sweeps.has(name),
    async over(name) {
      await sweeps.get(name);
      sweeps.delete(name);
    },
    async allOver() {
      await Promise.all(sweeps.values());
    },
  };
}
