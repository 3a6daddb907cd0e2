/** What comes up with the daemon, in the same boot and after one that is made up: another boot id, and no process left. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { killIfThere, openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

interface Row {
  readonly name: string;
  readonly status: string;
}

async function statuses(house: House): Promise<Record<string, string>> {
  const rows = await house.json<Row[]>('ps');
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]));
}

/** As the power cut leaves it. */
async function reboot(house: House): Promise<void> {
  for (const pid of house.processes()) killIfThere(pid);
  await until(() => house.processes().length === 0);
  writeFileSync(join(house.home, 'run', 'boot-id'), 'another-boot\n');
}

test('listed instances come up with the daemon; after a reboot those that were running too, and none that was taken down', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  for (const name of ['down', 'kept', 'listed', 'other']) {
    await house.drover('init', name, '-m', 'demo');
    house.editConfig(name, (config) => ({ ...config, model: { id: 'demo', context_size: 512 } }));
  }
  await house.drover('up', 'kept', 'down');
  await house.drover('down', 'down');
  await house.drover('daemon', 'autostart', 'add', 'listed', 'down');

  await house.drover('daemon', 'restart');
  const sameBoot = await until(
    () => statuses(house),
    ({ kept, listed }) => kept === 'ready' && listed === 'ready',
  );
  await reboot(house);
  await house.drover('daemon', 'start');
  const nextBoot = await until(
    () => statuses(house),
    ({ kept, listed }) => kept === 'ready' && listed === 'ready',
  );

  const expected = { down: 'stopped', kept: 'ready', listed: 'ready', other: 'stopped' };
  expect({ sameBoot, nextBoot }).toEqual({ sameBoot: expected, nextBoot: expected });
  const logged = await until(
    () => autostartedIn(house),
    (names) => names.length === 3,
  );
  expect(logged.toSorted()).toEqual(['kept', 'listed', 'listed']);
});

/** From the log: `listed` in the first boot, both after the reboot. */
function autostartedIn(house: House): string[] {
  return readFileSync(join(house.home, 'logs', 'controller.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"autostarted"'))
    .map((line) => (JSON.parse(line) as { instance: string }).instance);
}
