/**
 * Which step of the ladder an attempt without progress is due for: silence for long → abort; still there → kill; still
 * there → a person. Pure; the times are those of the setting and of the store, so that a restart loses no step.
 */

import type { WorkerReport } from '../../contract/index.ts';
import type { Told } from '../known.ts';

interface StuckRules {
  /** Silence that is too long. */
  readonly afterMs: number;
  /** From one step of the ladder to the next. */
  readonly stepMs: number;
}

export type StuckLevel = 'abort' | 'kill' | 'manual';

export interface WatchedWorker {
  readonly report: Pick<WorkerReport, 'quietMs' | 'paused'>;
  /** Its device is constrained: it may be slow for a reason that is not its own. */
  readonly constrained: boolean;
  readonly told: Told | null;
}

/** The step that is due now, or null. What a person has signalled is theirs until it has ended. */
export function stuckLevel(
  { report, constrained, told }: WatchedWorker,
  rules: StuckRules,
  now: number,
): StuckLevel | null {
  if (told === null || told.level === 'stop') {
    const waits = report.paused || constrained;
    return !waits && report.quietMs >= rules.afterMs ? 'abort' : null;
  }
  if (now - told.at < rules.stepMs) return null;
  switch (told.level) {
    case 'abort':
      return 'kill';
    case 'kill':
      return 'manual';
    case 'manual':
      return null;
  }
}
