/** The host that instances run on, for parts that are built before the hosts are. It names that host, and decides nothing. */

import type { DeviceReport, InstanceSpec } from '../contract/index.ts';
import { untilReady } from '../fleet/index.ts';
import type { Hosts } from '../fleet/index.ts';

export interface LocalHost {
  devices(): readonly DeviceReport[];
  /** Tells its agent what shall run. */
  pushDesired(): void;
  /** Its agent drops what it remembers of the instance. */
  forget(instance: string): void;
  noteUsed(instances: readonly string[]): void;
  /** Resolves when the instance, which an operator wants, is ready. */
  bringUp(spec: InstanceSpec): Promise<void>;
  /** Null: its agent does not answer, and so measures nothing. */
  memoryOf(instance: string): Promise<number | null>;
}

export function createLocalHost(hosts: () => Hosts): LocalHost {
  const here = (): string => hosts().localHost;
  return {
    devices: () => hosts().devicesOf(here()),
    pushDesired: () => hosts().pushDesired(here()),
    forget: (instance) => hosts().forgetInstance(here(), instance),
    noteUsed: (instances) => hosts().noteUsed(here(), instances),
    bringUp: (spec) => untilReady(hosts(), spec, 'operator'),
    async memoryOf(instance) {
      if (!hosts().connected().includes(here())) return null;
      return hosts()
        .inspect(here(), instance)
        .then(
          ({ memoryBytes }) => memoryBytes,
          () => null,
        );
    },
  };
}
