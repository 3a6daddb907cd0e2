/**
 * Tells agents which instances are used, so that none of them falls asleep under its requests: at most once a second,
 * and only of those that may fall asleep.
 */

import type { Clock } from '../../kernel/index.ts';

export interface UseNotes extends Disposable {
  /** A request began or ended there. Quick. */
  used(name: string): void;
}

interface UseNotesDeps {
  readonly clock: Clock;
  readonly maySleep: (name: string) => boolean;
  /** A request is in flight there. */
  readonly isBusy: (name: string) => boolean;
  readonly tell: (names: readonly string[]) => void;
}

const BEAT_MS = 1_000;

export function createUseNotes(deps: UseNotesDeps): UseNotes {
  const noted = new Set<string>();
  let beat: Disposable | null = null;

  /** Those in flight are told of again at the next beat; when there are none, there is no beat. */
  function tell(): void {
    beat = null;
    if (noted.size === 0) return;
    deps.tell([...noted]);
    for (const name of noted) if (!deps.isBusy(name)) noted.delete(name);
    beat = deps.clock.after(BEAT_MS, tell);
  }

  return {
    used(name) {
      if (noted.has(name) || !deps.maySleep(name)) return;
      noted.add(name);
      beat ??= deps.clock.after(0, tell);
    },
    [Symbol.dispose]: () => beat?.[Symbol.dispose](),
  };
}
