/**
 * What is seen of a worker while it runs: the memory of its processes on its device, and how long it has been quiet.
 * Looks only when it is told to.
 */

import { statIfThere } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { attemptFiles } from './attempt-folder.ts';

export interface Vitals {
  /** At the last look; null: nothing measures it. */
  readonly memoryBytes: number | null;
  readonly peakMemoryBytes: number | null;
  /** Since it last wrote output or touched its progress file, paused time left out; by the monotonic clock. */
  quietMs(): number;
  look(memoryBytes: number | null): void;
  /** Time stands still until `resume`. */
  pause(): void;
  resume(): void;
}

interface Sign {
  /** Another one after each change. */
  readonly trace: string;
  /** Epoch ms of the last change. */
  readonly at: number;
}

/** An attempt that was adopted has been quiet since its files were last written. */
export function createVitals(dir: string, startedAt: number, clock: Clock): Vitals {
  let memoryBytes: number | null = null;
  let peakMemoryBytes: number | null = null;
  // Not looked at before somebody asks: most attempts end within moments.
  let sign: Sign | null = null;
  let quietSince = clock.monotonic() - Math.max(0, clock.now() - startedAt);
  let pausedAt: number | null = null;
  const lookFirst = (): Sign => {
    const first = lastSign(dir);
    if (first.at > startedAt) quietSince = clock.monotonic() - Math.max(0, clock.now() - first.at);
    return first;
  };
  return {
    get memoryBytes() {
      return memoryBytes;
    },
    get peakMemoryBytes() {
      return peakMemoryBytes;
    },
    quietMs() {
      sign ??= lookFirst();
      return Math.max(0, Math.round((pausedAt ?? clock.monotonic()) - quietSince));
    },
    look(bytes) {
      memoryBytes = bytes;
      if (bytes !== null) peakMemoryBytes = Math.max(bytes, peakMemoryBytes ?? 0);
      if (sign === null) return void (sign = lookFirst());
      const now = lastSign(dir);
      if (now.trace !== sign.trace) quietSince = clock.monotonic();
      sign = now;
    },
    pause: () => void (pausedAt ??= clock.monotonic()),
    resume() {
      if (pausedAt !== null) quietSince += clock.monotonic() - pausedAt;
      pausedAt = null;
    },
  };
}

function lastSign(dir: string): Sign {
  const { stdout, stderr, progress } = attemptFiles(dir);
  const seen = [stdout, stderr, progress].flatMap((path) => statIfThere(path) ?? []);
  return {
    trace: seen.map(({ size, mtimeMs }) => `${size}@${mtimeMs}`).join(' '),
    at: Math.max(0, ...seen.map(({ mtimeMs }) => mtimeMs)),
  };
}
