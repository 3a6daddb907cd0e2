/** Devices outlive the link and the controller. */

import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { cpuDevice } from '../../../test/support/fake-agents.ts';
import { createDeviceMemory } from './device-memory.ts';

describeStore('the memory of devices', (open) => {
  test('another controller recalls what was told, and its readings are a minute old at most', async () => {
    const store = await open();
    const memory = createDeviceMemory(store, open.clock);
    for (const temperatureC of [40, 41, 42]) {
      await memory.told('attic', [cpuDevice(2, { temperatureC })]);
      await open.clock.advance(30_000);
    }

    const recalled = await createDeviceMemory(store, open.clock).recall();

    expect(recalled).toEqual([
      { host: 'attic', devices: [cpuDevice(2, { temperatureC: 42 })], seenAt: open.clock.now() - 30_000 },
    ]);
  });
});
