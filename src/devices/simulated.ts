/**
 * A rig that does not exist, for development, demos and tests: `5x6144` is five cards of 6144 MiB. What it shows
 * follows from the seed, the time and the ledger's reservations alone. Engines on it compute on the CPU.
 */

import { AppError } from '../contract/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { DeviceProbe, DeviceReading } from './device.ts';

export interface SimulatedRig {
  readonly cards: readonly { readonly totalBytes: number }[];
}

export interface SimulatedRigDeps {
  readonly clock: Clock;
  readonly seed: number;
  /** Bytes that the ledger has promised on a device. */
  reservedBytes(device: string): number;
}

const MIB = 1024 * 1024;

/** Reads `COUNTxMIB[,COUNTxMIB…]`; throws CONFIG_INVALID for anything else. */
export function parseRig(text: string): SimulatedRig {
  const cards = text.split(',').flatMap((part) => {
    const match = /^\s*(\d{1,4})x(\d{1,9})\s*$/.exec(part);
    if (match === null) {
      throw new AppError('CONFIG_INVALID', `DROVER_SIMULATE_RIG="${text}" is no rig`, {
        hint: 'write COUNTxMIB, e.g. DROVER_SIMULATE_RIG=5x6144 for five cards of 6 GiB',
      });
    }
    return Array.from({ length: Number(match[1]) }, () => ({ totalBytes: Number(match[2]) * MIB }));
  });
  return { cards };
}

export function createSimulatedProbe(rig: SimulatedRig, deps: SimulatedRigDeps): DeviceProbe {
  return {
    kind: 'simulated',
    costly: false,
    read: () => Promise.resolve(rig.cards.map((card, index) => readCard(card.totalBytes, index, deps))),
  };
}

function readCard(totalBytes: number, index: number, { clock, seed, reservedBytes }: SimulatedRigDeps): DeviceReading {
  const id = `sim${index}`;
  const load = totalBytes === 0 ? 0 : Math.min(1, reservedBytes(id) / totalBytes);
  const wobble = Math.sin(clock.now() / 30_000 + seed * 1.7 + index * 2.1);
  return {
    id,
    kind: 'simulated',
    name: `Simulated GPU ${Math.round(totalBytes / MIB)} MiB`,
    uuid: `SIM-${seed}-${index}`,
    backendNames: [],
    aliases: [],
    index,
    totalBytes,
    // A driver's share, and of what was promised the part that engines really touch; below the pressure mark.
    observedBytes: Math.round(totalBytes * (0.02 + 0.9 * load)),
    temperatureC: Math.round(41 + 30 * load + 2 * wobble),
    powerW: Math.round(18 + 110 * load + 4 * wobble),
    powerLimitW: 170,
    utilisationPercent: Math.round(load === 0 ? 0 : Math.max(0, Math.min(100, 60 * load + 20 + 15 * wobble))),
  };
}
