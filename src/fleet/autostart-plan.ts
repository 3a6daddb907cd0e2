/**
 * Which instances come up when a controller starts, and in which order. `down` is the operator's word: what it stopped
 * never comes up by itself. Within one boot, what shall run is the agent's to keep, which lives on without a
 * controller; after a reboot nothing runs, and all that shall run comes back in order instead of at once. Pure.
 */

import type { DesiredState } from '../contract/index.ts';

export interface AutostartFacts {
  /** Names in the order of the list. */
  readonly listed: readonly string[];
  /** What is stored of each instance that was ever started. */
  readonly desired: ReadonlyMap<string, DesiredState>;
  /** The host has booted since a controller last ran here. */
  readonly rebooted: boolean;
}

export interface AutostartPlan {
  /** In order. */
  readonly bringUp: readonly string[];
  /** Kept from the agent until their turn. */
  readonly hold: readonly string[];
}

export function planAutostart({ listed, desired, rebooted }: AutostartFacts): AutostartPlan {
  const unique = [...new Set(listed)];
  if (!rebooted) return { bringUp: unique.filter((name) => !desired.has(name)), hold: [] };
  const first = unique.filter((name) => desired.get(name) !== 'stopped');
  const others = [...desired].flatMap(([name, state]) => (state === 'running' && !first.includes(name) ? [name] : []));
  const bringUp = [...first, ...others.toSorted()];
  return { bringUp, hold: bringUp.filter((name) => desired.has(name)) };
}
