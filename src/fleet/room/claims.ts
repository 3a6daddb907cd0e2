/**
 * Room that is promised: free, or made by others that go for it. Whoever looks meanwhile counts with it, whatever is told
 * of either yet. It decides nothing.
 */

import type { Resident, Shares } from './eviction.ts';

interface Promised {
  readonly shares: Shares;
  /** Who goes for it. */
  readonly victims: readonly Resident[];
}

interface Claim extends Promised {
  readonly over: Promise<unknown>;
}

export interface Claims {
  /** Promises the room for as long as that load takes. Settles as the load does. */
  hold(name: string, promised: Promised, load: () => Promise<void>): Promise<void>;
  /** One that makes room just now comes back when whoever it makes room for is there. An instance, or a model. */
  untilGone(name: string): Promise<void>;
  /** The residents as they will be for another one: who was told to go is going, and who was promised room has it. */
  foreseen(residents: readonly Resident[], wanted: string): readonly Resident[];
}

export function createClaims(): Claims {
  const claims = new Map<string, Claim>();

  return {
    async hold(name, promised, load) {
      const over = load();
      claims.set(name, { ...promised, over });
      try {
        await over;
      } finally {
        claims.delete(name);
      }
    },
    async untilGone(name) {
      const pushing = [...claims.values()].filter(({ victims }) =>
        victims.some((victim) => victim.name === name || victim.modelId === name),
      );
      await Promise.allSettled(pushing.map(({ over }) => over));
    },
    foreseen(residents, wanted) {
      const others = new Map([...claims].filter(([name]) => name !== wanted));
      const going = new Set([...others.values()].flatMap(({ victims }) => victims.map((victim) => victim.name)));
      const known = residents
        .filter(({ name }) => name !== wanted && !others.has(name))
        .map((resident) => (going.has(resident.name) ? { ...resident, standing: 'leaving' as const } : resident));
      return [...known, ...[...others].flatMap(([name, { shares }]) => toResidents(name, shares))];
    },
  };
}

function toResidents(name: string, shares: Shares): readonly Resident[] {
  return shares.map(({ device, bytes }) => ({
    name,
    modelId: null,
    devices: [device],
    memoryBytes: bytes,
    standing: 'coming',
    readyAt: null,
    busySlots: 0,
    isWanted: true,
    usedAt: 0,
  }));
}
