/**
 * A rig that does not exist, for development, demos and tests. What it shows follows from time, chance, the ledger's
 * reservations and what stand-in programs write. Engines on it compute on the CPU.
 */

import type { Clock, Random } from '../../kernel/index.ts';
import { readingOf } from '../device.ts';
import type { DeviceProbe, DeviceReading } from '../device.ts';
import type { MemoryLedger } from '../ledger/memory-ledger.ts';
import { coldCard, measureCard, stepCard } from './card-physics.ts';
import type { CardDemand } from './card-physics.ts';
import type { RigCard } from './rig.ts';
import { nameOf } from './simulated-files.ts';
import type { CardScript, SimulatedFiles } from './simulated-files.ts';

interface SimulatedRigDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Pick<MemoryLedger, 'reservations'>;
  readonly files: Pick<SimulatedFiles, 'script' | 'held'>;
}

export function createSimulatedProbe(rig: readonly RigCard[], deps: SimulatedRigDeps): DeviceProbe {
  const cards = rig.map((card, index) => simulateCard(card, index, deps));
  return {
    kind: 'simulated',
    pace: 'cheap',
    read: () => Promise.resolve(cards.map((read) => read()).filter((reading) => reading !== null)),
    usedBy: ({ device, owner }) => deps.files.held(device).get(nameOf(owner)) ?? null,
  };
}

/** Answers its readings, null while its script says that it is gone; a second look at the same instant shows the same. */
function simulateCard(card: RigCard, index: number, deps: SimulatedRigDeps): () => DeviceReading | null {
  const { clock, random, files } = deps;
  const id = `sim${index}`;
  const { name, totalBytes } = card;
  const show = (): DeviceReading => {
    const values = { ...measureCard(card, state, random), pcieGeneration: 3, pcieWidth: 16 };
    return readingOf({ id, kind: 'simulated', name, uuid: `SIM-${index}`, index, totalBytes, ...values });
  };
  let state = coldCard(card, clock.monotonic());
  let shown = show();
  return () => {
    const next = stepCard(card, state, demandOn(id, deps), clock.monotonic());
    if (next !== state) {
      state = next;
      shown = show();
    }
    const script = files.script(id);
    return script === null ? shown : direct(shown, script);
  };
}

function demandOn(device: string, { ledger, files }: SimulatedRigDeps): CardDemand {
  const held = files.held(device);
  const here = ledger.reservations().filter((it) => it.device === device);
  const sum = (bytes: readonly number[]): number => bytes.reduce((all, one) => all + one, 0);
  const tasks = here.filter(({ kind }) => kind === 'task');
  return {
    instanceBytes: sum(here.filter(({ kind }) => kind === 'instance').map(({ bytes }) => bytes)),
    taskBytes: sum(tasks.map(({ bytes }) => bytes)),
    toldBytes: sum(tasks.filter(({ owner }) => held.has(nameOf(owner))).map(({ bytes }) => bytes)),
    heldBytes: sum([...held.values()]),
  };
}

function direct(reading: DeviceReading, script: CardScript): DeviceReading | null {
  if (script.gone) return null;
  return {
    ...reading,
    temperatureC: script.temperature_c ?? reading.temperatureC,
    powerW: script.power_w ?? reading.powerW,
    powerLimitW: script.power_limit_w ?? reading.powerLimitW,
    utilisationPercent: script.utilisation_percent ?? reading.utilisationPercent,
    throttleReasons: script.throttle_reasons ?? reading.throttleReasons,
    pcieGeneration: script.pcie_generation ?? reading.pcieGeneration,
    pcieWidth: script.pcie_width ?? reading.pcieWidth,
  };
}
