/** How far a model is that comes, how fast, and what is wrong. Knows of bytes only what it is told. */

import type { FetchOrder, FetchProgress } from '../../contract/models.ts';
import type { Clock } from '../../kernel/index.ts';

/** Weight of the newest rate. */
const SMOOTHING = 0.3;
/** Chunks end and begin; without a byte for longer than this nothing comes. */
const SILENCE_MS = 3_000;

export interface FetchMeter {
  /** Bytes that have to come. */
  missing(): number;
  read(): FetchProgress;
  readonly listeners: {
    readonly onBytes: (more: number) => void;
    readonly onVerify: () => void;
    readonly onTrouble: (reason: string) => void;
  };
}

export function createFetchMeter({ model, files }: FetchOrder, there: number, clock: Clock): FetchMeter {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const pace = createPace(clock);
  let received = there;
  let phase: FetchProgress['phase'] = 'downloading';
  let note: string | null = null;
  return {
    missing: () => totalBytes - received,
    read: () => ({ model, phase, receivedBytes: Math.min(received, totalBytes), totalBytes, bytesPerSecond: pace.read(), note }), // prettier-ignore
    listeners: {
      onBytes(more) {
        received += more;
        phase = 'downloading';
        if (more <= 0) return;
        pace.add(more);
        note = null;
      },
      onVerify: () => void (phase = 'verifying'),
      onTrouble: (reason) => void (note = reason),
    },
  };
}

interface Pace {
  add(bytes: number): void;
  /** Bytes a second, smoothed from one reading to the next: null before the first ones, 0 when none come any more. */
  read(): number | null;
}

/** A pause within what is usual changes no rate: a time left that is worked out from it would be absurd. */
function createPace(clock: Clock): Pace {
  let rate: number | null = null;
  let fresh = 0;
  let since = clock.monotonic();
  return {
    add: (bytes) => void (fresh += bytes),
    read() {
      const now = clock.monotonic();
      const passedMs = Math.max(1, now - since);
      const isSilent = fresh === 0;
      if (isSilent && rate !== 0 && passedMs < SILENCE_MS) return rate;
      const latest = (fresh * 1_000) / passedMs;
      rate = isSilent || !rate ? latest : rate + SMOOTHING * (latest - rate);
      fresh = 0;
      since = now;
      return rate;
    },
  };
}
