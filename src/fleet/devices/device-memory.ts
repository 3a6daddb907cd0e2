/** Keeps in the store what each host told of its devices last, so that they are known while its agent is away. */

import type { DeviceReport } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { listRememberedDevices, rememberDevices } from '../../store/index.ts';
import type { RememberedDevices, Store } from '../../store/index.ts';
import { isWorthStoring } from './worth-storing.ts';
import type { StoredDevices } from './worth-storing.ts';

interface DeviceMemory {
  /** Writes when it is worth it. */
  told(host: string, devices: readonly DeviceReport[]): Promise<void>;
  recall(): Promise<readonly RememberedDevices[]>;
}

export function createDeviceMemory(store: Store, clock: Clock): DeviceMemory {
  const stored = new Map<string, StoredDevices>();
  return {
    async told(host, devices) {
      const now = clock.now();
      if (!isWorthStoring(stored.get(host) ?? null, devices, now)) return;
      stored.set(host, { devices, storedAt: now });
      await store.write((tx) => rememberDevices(tx, host, devices));
    },
    recall: () => store.read(listRememberedDevices),
  };
}
