/** The devices of this host: probed on a beat, with the ledger's picture beside what was measured. */

import type { Bus } from '../kernel/index.ts';
import type { DeviceReport } from '../contract/index.ts';
import type { DeviceReading } from './device.ts';
import type { MemoryLedger } from './memory-ledger.ts';

export interface Devices extends AsyncDisposable {
  readonly ledger: MemoryLedger;
  /** Probes once, then on the beat. Resolves after the first probe. */
  start(): Promise<void>;
  /** Probes now. */
  refresh(): Promise<void>;
  /** The last observation of each device. */
  readings(): readonly DeviceReading[];
  /** For the agent link. */
  reports(): readonly DeviceReport[];
  /** After every beat. */
  readonly refreshed: Bus<readonly DeviceReport[]>;
}
