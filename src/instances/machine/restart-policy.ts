/** Whether and when an instance that crashed is started again. Pure: time and chance are handed in. */

import type { RestartPolicy } from '../../contract/index.ts';

export interface RestartHistory {
  /** Epoch ms of the crashes that still count against the budget. */
  readonly crashes: readonly number[];
  /** Restarts since the instance was last stable: the exponent of the delay. */
  readonly streak: number;
}

export const NO_HISTORY: RestartHistory = { crashes: [], streak: 0 };

interface Crash {
  readonly at: number;
  /** How long the process had been ready; 0 when it never was. */
  readonly readyForMs: number;
}

export type RestartVerdict =
  | { readonly kind: 'restart'; readonly delayMs: number; readonly history: RestartHistory }
  | { readonly kind: 'give-up'; readonly reason: 'disabled' | 'crash-loop'; readonly history: RestartHistory };

/** `random` is in [0, 1). */
export function decideRestart(
  policy: RestartPolicy,
  before: RestartHistory,
  crash: Crash,
  random: number,
): RestartVerdict {
  const crashes = [...before.crashes.filter((at) => crash.at - at < policy.windowMs), crash.at];
  const streak = crash.readyForMs >= policy.stableAfterMs ? 0 : before.streak;
  const history = { crashes, streak: streak + 1 };
  if (!policy.enabled) return { kind: 'give-up', reason: 'disabled', history };
  if (crashes.length > policy.maxRetries) return { kind: 'give-up', reason: 'crash-loop', history };
  return { kind: 'restart', delayMs: restartDelayMs(policy, streak, random), history };
}

/** `min(max, initial · multiplier^n) · (1 ± jitter)`. */
export function restartDelayMs(policy: RestartPolicy, n: number, random: number): number {
  // The power may overflow to infinity, and nothing times infinity would be no number.
  const factor = Math.min(Number.MAX_VALUE, policy.multiplier ** n);
  const plain = Math.min(policy.maxDelayMs, policy.initialDelayMs * factor);
  return Math.round(plain * (1 + policy.jitter * (2 * random - 1)));
}
