/** Tells that something has changed in the folder of a log, and looks now and then where the system does not tell. */

import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { dirname } from 'node:path';

import type { Clock } from '../clock.ts';

/** Where the system tells of no change, this beat finds it. */
export const LOOK_BEAT_MS = 500;

interface Watching {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

interface Changes extends Disposable {
  /** Resolves at the next change, beat or abort; at once when one was missed since the last call. */
  next(): Promise<void>;
}

export function watchChanges(path: string, { signal, clock }: Watching): Changes {
  let missed = false;
  let wake: (() => void) | null = null;
  const notice = (): void => {
    missed = wake === null;
    wake?.();
    wake = null;
  };
  const watcher = tryWatch(dirname(path), notice);
  signal.addEventListener('abort', notice, { once: true });
  return {
    async next() {
      if (missed || signal.aborted) return void (missed = false);
      await new Promise<void>((resolve) => {
        const beat = clock.after(LOOK_BEAT_MS, notice);
        wake = () => (beat[Symbol.dispose](), resolve());
      });
    },
    [Symbol.dispose]: () => {
      watcher?.close();
      signal.removeEventListener('abort', notice);
    },
  };
}

/** Null when there is no such folder, or the system watches no more; the beat serves then. */
function tryWatch(folder: string, notice: () => void): FSWatcher | null {
  try {
    return watch(folder, notice).on('error', notice);
  } catch {
    return null;
  }
}
