/**
 * A listener whose parts take longer to load than a start may wait. What is told before is kept for it; once that is
 * much, or somebody asks for it, it is loaded.
 */

import type { Listener, Told } from './told.ts';

export interface LateListener<T> {
  readonly hear: Listener;
  /** Loads it when it is not. Rejects when it cannot be loaded. */
  loaded(): Promise<T>;
}

interface LateListenerDeps<T> {
  readonly load: () => Promise<T>;
  /** So much is kept. */
  readonly keep: number;
  readonly onError: (error: unknown) => void;
}

export function createLateListener<T extends { readonly hear: Listener }>(deps: LateListenerDeps<T>): LateListener<T> {
  const kept: Told[] = [];
  let listener: T | null = null;
  let loading: Promise<T> | null = null;

  async function load(): Promise<T> {
    const loaded = await deps.load();
    listener = loaded;
    kept.splice(0).forEach(tell);
    return loaded;
  }

  /** Whoever tells is not harmed by a listener. */
  function tell(told: Told): void {
    try {
      listener?.hear(told);
    } catch (error) {
      deps.onError(error);
    }
  }

  const loaded = (): Promise<T> => (loading ??= load());

  return {
    loaded,
    hear(told) {
      if (listener !== null) return tell(told);
      if (kept.length < deps.keep) kept.push(told);
      else if (loading === null) loaded().catch(deps.onError);
    },
  };
}
