/** Keeps the log of a daemon within bounds. The daemon only appends to it, whoever opened it. */

import { every, rotateLog, systemClock } from '../kernel/index.ts';
import type { Log, RotationLimits } from '../kernel/index.ts';

const LIMITS: RotationLimits = { maxBytes: 20 * 1024 * 1024, keep: 5 };
const LOOK_MS = 10_000;

/** Looks on a beat until the signal aborts. Where the daemon writes elsewhere, nothing is ever due. */
export function boundOwnLog(path: string, log: Log, signal: AbortSignal): Promise<void> {
  const look = async (): Promise<void> => {
    const rotation = await rotateLog(path, LIMITS);
    if (rotation !== 'not-due') log.info({ path, rotation }, 'log rotated');
  };
  return every(systemClock, LOOK_MS, signal, look, (error) => log.warn({ err: error, path }, 'log not rotated'));
}
