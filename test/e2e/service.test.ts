/** What a service manager does to the daemon: SIGTERM ends the controller at once, and engines keep their pids. */

import { once } from 'node:events';

import { expect, test } from 'vitest';

import { identifyProcess } from '../../src/kernel/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

/** The daemon answers, and its agent has joined. Asks without starting anything. */
async function agentJoins(house: House): Promise<void> {
  await until(async () => /^Agents .*\(pid \d+\)$/m.test((await house.drover('daemon', 'status')).stdout));
}

test('a controller in the foreground ends on SIGTERM while its agent is connected, and the next one finds the engine', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '-m', 'demo');
  expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });
  const [before] = await house.json<{ pid: number }[]>('ps');
  await house.drover('daemon', 'stop');

  const first = house.start('daemon', 'run');
  await agentJoins(house);
  const agent = identifyProcess(house.pidOf('agent'));
  first.kill('SIGTERM');
  const [code] = (await once(first, 'exit')) as [number | null];
  const second = house.start('daemon', 'run');
  await agentJoins(house);
  const [after] = await house.json<{ pid: number }[]>('ps');

  expect(code).toBe(130);
  expect(after?.pid).toBe(before?.pid);
  expect(identifyProcess(house.pidOf('agent'))).toEqual(agent);
  second.kill('SIGTERM');
  await once(second, 'exit');
});
