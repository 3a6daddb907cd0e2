/**
 * A rig that does not exist, for development, demos and tests. What it shows follows from time, chance and the
 * ledger's reservations alone. Engines on it compute on the CPU.
 */

import type { Clock, Random } from '../kernel/index.ts';
import { coldCard, measureCard, stepCard } from './card-physics.ts';
import { readingOf } from './device.ts';
import type { DeviceProbe, DeviceReading } from './device.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import type { RigCard } from './rig.ts';

export interface SimulatedRigDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Pick<MemoryLedger, 'picture'>;
}

export function createSimulatedProbe(rig: readonly RigCard[], deps: SimulatedRigDeps): DeviceProbe {
  const cards = rig.map((card, index) => simulateCard(card, index, deps));
  return { kind: 'simulated', pace: 'cheap', read: () => Promise.resolve(cards.map((read) => read())) };
}

/** Answers its readings; a second look at the same instant shows the same. */
function simulateCard(card: RigCard, index: number, { clock, random, ledger }: SimulatedRigDeps): () => DeviceReading {
  const id = `sim${index}`;
  const { name, totalBytes } = card;
  const show = (): DeviceReading => {
    const values = measureCard(card, state, random);
    return readingOf({ id, kind: 'simulated', name, uuid: `SIM-${index}`, index, totalBytes, ...values });
  };
  let state = coldCard(card, clock.monotonic());
  let shown = show();
  return () => {
    const next = stepCard(card, state, ledger.picture(id) ?? NOTHING, clock.monotonic());
    if (next === state) return shown;
    state = next;
    return (shown = show());
  };
}

const NOTHING = { instanceBytes: 0, taskBytes: 0 };
