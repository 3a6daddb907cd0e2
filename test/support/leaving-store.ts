/** A store whose server goes away and comes back. */

import type { Store } from '../../src/store/index.ts';

/** Neither reads nor writes while `isAway` says so. */
export function leaving(store: Store, isAway: () => boolean): Store {
  const whileThere = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (isAway()) throw new Error('nobody answers');
    return ask();
  };
  return {
    ...store,
    facts: store.facts,
    write: (fn) => whileThere(() => store.write(fn)),
    read: (fn) => whileThere(() => store.read(fn)),
  };
}
