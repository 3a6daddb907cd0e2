/** Loads and unloads of models, told apart from the changes of an instance's state. Pure but for what it remembers. */

import type { FactData, InstanceStateName } from '../../contract/index.ts';

export type LoadEvent =
  /** `ms` is null when its beginning was not seen. */
  | { readonly kind: 'loaded'; readonly ms: number | null }
  | { readonly kind: 'load-failed' }
  | { readonly kind: 'unloaded'; readonly reason: 'idle' | 'asked' | 'crashed' };

type Change = Pick<FactData['instance.changed'], 'from' | 'to'>;

const COMING: ReadonlySet<string> = new Set<InstanceStateName>(['starting', 'loading']);
const UP: ReadonlySet<string> = new Set<InstanceStateName>(['ready', 'unhealthy']);
const BROKEN: ReadonlySet<string> = new Set<InstanceStateName>(['backoff', 'failed']);

/** Answers what a change meant; null when nothing was loaded or unloaded by it. `at` is epoch ms. */
export function createLoadWatch(): (name: string, change: Change, at: number) => LoadEvent | null {
  const begun = new Map<string, number>();
  return (name, { from, to }, at) => {
    if (COMING.has(to)) {
      if (!begun.has(name)) begun.set(name, at);
      return null;
    }
    const since = begun.get(name);
    begun.delete(name);
    if (COMING.has(from) && to === 'ready') return { kind: 'loaded', ms: since === undefined ? null : at - since };
    if (COMING.has(from) && BROKEN.has(to)) return { kind: 'load-failed' };
    return unload(from, to);
  };
}

function unload(from: string, to: string): LoadEvent | null {
  if (UP.has(from) && BROKEN.has(to)) return { kind: 'unloaded', reason: 'crashed' };
  if (!UP.has(from) && from !== 'stopping') return null;
  if (to === 'asleep') return { kind: 'unloaded', reason: 'idle' };
  return to === 'stopped' ? { kind: 'unloaded', reason: 'asked' } : null;
}
