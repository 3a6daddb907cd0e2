import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { cpuDevice } from '../../../test/support/fake-agents.ts';
import { listRememberedDevices, rememberDevices } from '../index.ts';

describeStore('devices', (open) => {
  test('what a host told last is known again after a restart, in its order', async () => {
    const first = await open();
    const told = [cpuDevice(8), cpuDevice(0, { id: 'gpu0', backendNames: ['CUDA0'], temperatureC: 61 })];
    await first.write((tx) => rememberDevices(tx, 'attic', told));
    await first.close();

    const again = await open();

    expect(await again.read(listRememberedDevices)).toEqual([
      { host: 'attic', devices: told, seenAt: open.clock.now() },
    ]);
  });

  test('a card that is gone is forgotten, and hosts do not mix', async () => {
    const store = await open();
    await store.write((tx) => rememberDevices(tx, 'attic', [cpuDevice(8), cpuDevice(0, { id: 'gpu0' })]));
    await store.write((tx) => rememberDevices(tx, 'cellar', [cpuDevice(2)]));
    await open.clock.advance(60_000);

    await store.write((tx) => rememberDevices(tx, 'attic', [cpuDevice(8)]));

    expect(await store.read(listRememberedDevices)).toEqual([
      { host: 'attic', devices: [cpuDevice(8)], seenAt: open.clock.now() },
      { host: 'cellar', devices: [cpuDevice(2)], seenAt: open.clock.now() - 60_000 },
    ]);
  });
});
