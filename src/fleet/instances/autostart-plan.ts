/**
 * Which instances come up when a controller starts, and in which order. `down` is the operator's word: what it stopped
 * never comes up by itself. Within one boot, what shall run is the agent's to keep, which lives on without a
 * controller; after a reboot nothing runs, and all that shall run comes back in order instead of at once. What was
 * asleep sleeps on, and what was made for requests of the boot before is not made again. Pure.
 */

import type { DesiredState } from '../../contract/index.ts';

interface AutostartFacts {
  /** Names in the order of the list. */
  readonly listed: readonly string[];
  /** What is stored of each instance that was ever started. */
  readonly declared: readonly DeclaredBefore[];
  /** The host has booted since a controller last ran here. */
  readonly rebooted: boolean;
}

export interface DeclaredBefore {
  readonly name: string;
  readonly desired: DesiredState;
  readonly ephemeral: boolean;
  /** Unloaded for want of requests when it was last heard of. */
  readonly asleep: boolean;
}

interface AutostartPlan {
  /** In order. */
  readonly bringUp: readonly string[];
  /** Kept from the agent until their turn. */
  readonly hold: readonly string[];
  /** Made for requests that are long gone. */
  readonly dismiss: readonly string[];
}

export function planAutostart({ listed, declared, rebooted }: AutostartFacts): AutostartPlan {
  const unique = [...new Set(listed)];
  const known = new Map(declared.map((instance) => [instance.name, instance]));
  if (!rebooted) return { bringUp: unique.filter((name) => !known.has(name)), hold: [], dismiss: [] };
  const returns = (name: string): boolean => {
    const before = known.get(name);
    return before === undefined || (before.desired === 'running' && !before.asleep && !before.ephemeral);
  };
  const first = unique.filter(returns);
  const others = declared.map(({ name }) => name).filter((name) => returns(name) && !first.includes(name));
  const bringUp = [...first, ...others.toSorted()];
  return {
    bringUp,
    hold: bringUp.filter((name) => known.has(name)),
    dismiss: declared.filter(({ ephemeral }) => ephemeral).map(({ name }) => name),
  };
}
