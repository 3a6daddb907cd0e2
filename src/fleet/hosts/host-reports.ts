/** What agents tell of their devices and workers: kept on the host, remembered in the store, its changes told as facts. */

import type { DeviceReport, NewFact } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { RememberedDevices, Store } from '../../store/index.ts';
import { deviceChanges, workerChanges } from '../devices/device-changes.ts';
import { createDeviceMemory } from '../devices/device-memory.ts';
import type { Host } from './host.ts';
import type { Heartbeat } from './heartbeat.ts';

interface HostReportsDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Takes what is written behind the back of whoever told. */
  readonly run: (task: Promise<unknown>) => void;
}

export interface HostReports {
  onDevices(host: Host, devices: readonly DeviceReport[]): void;
  /** One that a later one has overtaken changes nothing. */
  onHeartbeat(host: Host, heartbeat: Heartbeat): 'newest' | 'overtaken';
  /** The devices of hosts known from an earlier life. */
  recall(): Promise<readonly RememberedDevices[]>;
}

export function createHostReports({ store, clock, run }: HostReportsDeps): HostReports {
  const memory = createDeviceMemory(store, clock);

  function note(facts: readonly NewFact[]): void {
    if (facts.length > 0) run(store.write(async (tx) => facts.forEach((fact) => tx.record(fact))));
  }

  function onDevices(host: Host, devices: readonly DeviceReport[]): void {
    note(deviceChanges(host.name, host.devices, devices));
    host.keepDevices(devices);
    run(memory.told(host.name, devices));
  }

  return {
    onDevices,
    onHeartbeat(host, heartbeat) {
      const before = host.workers;
      if (host.keepHeartbeat(heartbeat) === 'overtaken') return 'overtaken';
      note(workerChanges(before, heartbeat.workers));
      onDevices(host, heartbeat.devices);
      return 'newest';
    },
    recall: () => memory.recall(),
  };
}
