/** The device port: what a probe tells about the devices of one kind. Who may use their memory is the ledger's word. */

import type { DeviceReport } from '../contract/index.ts';

export type DeviceKind = DeviceReport['kind'];

/** One device at one moment. Bytes everywhere; null is "nothing measures it". */
export interface DeviceReading {
  /** Stable within a host: `cpu`, `gpu0`, `sim0` … */
  readonly id: string;
  readonly kind: DeviceKind;
  readonly name: string;
  readonly uuid: string | null;
  /** Position among the devices of its kind, as the vendor's tools count. */
  readonly index: number;
  readonly totalBytes: number;
  readonly observedBytes: number | null;
  readonly temperatureC: number | null;
  readonly powerW: number | null;
  readonly powerLimitW: number | null;
  readonly utilisationPercent: number | null;
}

export interface DeviceProbe {
  readonly kind: DeviceKind;
  /** All devices of this kind, none when the host has none. Rejects when the vendor's tool fails. */
  read(signal: AbortSignal): Promise<readonly DeviceReading[]>;
}
