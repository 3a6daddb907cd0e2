/** The device port: what a probe tells about the devices of one kind. Who may use their memory is the ledger's word. */

import type { DeviceReport } from '../contract/index.ts';

export type DeviceKind = DeviceReport['kind'];

/** One device at one moment. Bytes everywhere; null is "nothing measures it". */
export interface DeviceReading {
  /** Stable within a host: `cpu`, `gpu0`, `amd0`, `sim0` … */
  readonly id: string;
  readonly kind: DeviceKind;
  readonly name: string;
  readonly uuid: string | null;
  /** What llama.cpp calls it, at most one name per backend: `CUDA0`, `Vulkan1` … */
  readonly backendNames: readonly string[];
  /** What the owner of the machine calls it. */
  readonly aliases: readonly string[];
  /** Position among the devices of its kind, as the vendor's tools count. */
  readonly index: number;
  readonly totalBytes: number;
  readonly observedBytes: number | null;
  readonly temperatureC: number | null;
  readonly powerW: number | null;
  readonly powerLimitW: number | null;
  readonly utilisationPercent: number | null;
  readonly coreClockMhz: number | null;
  readonly memoryClockMhz: number | null;
  /** Why it runs slower than it could, in the vendor's words; idleness does not count. */
  readonly throttleReasons: readonly string[];
  readonly pcieGeneration: number | null;
  readonly pcieWidth: number | null;
}

/**
 * How often a source is asked. `cheap`: at each beat. `costly` starts a program of the vendor: at each beat while work
 * is on the cards, else less often. `rare` tells what hardly ever changes.
 */
export type Pace = 'cheap' | 'costly' | 'rare';

export interface DeviceProbe {
  readonly kind: DeviceKind;
  readonly pace: Pace;
  /** All devices of this kind, none when the host has none. Rejects when the vendor's tool fails. */
  read(signal: AbortSignal): Promise<readonly DeviceReading[]>;
  /** Memory of a card that processes of an owner hold, as of the last look; null: nothing measures it. */
  readonly usedBy?: (use: CardUse) => number | null;
  /** Memory of a card by process, anybody's, as of the last look; null: nothing lists them. */
  readonly processesOn?: (device: string) => ReadonlyMap<number, number> | null;
}

export interface CardUse {
  readonly device: string;
  /** As in the ledger. */
  readonly owner: string;
  readonly pids: ReadonlySet<number>;
}

type Known = Pick<DeviceReading, 'id' | 'kind' | 'name' | 'index' | 'totalBytes'>;

/** A reading of which only some is known: the rest is not measured, or goes by no other name. */
export function readingOf(known: Known & Partial<DeviceReading>): DeviceReading {
  return { uuid: null, backendNames: [], aliases: [], ...unmeasured, ...known };
}

/** What remains of a reading when its tool fails: the card is there, its values are not known. */
export function withoutMeasurements(reading: DeviceReading): DeviceReading {
  const { powerLimitW, pcieGeneration, pcieWidth } = reading;
  return { ...reading, ...unmeasured, powerLimitW, pcieGeneration, pcieWidth };
}

const unmeasured = {
  observedBytes: null,
  temperatureC: null,
  powerW: null,
  powerLimitW: null,
  utilisationPercent: null,
  coreClockMhz: null,
  memoryClockMhz: null,
  throttleReasons: [],
  pcieGeneration: null,
  pcieWidth: null,
};
