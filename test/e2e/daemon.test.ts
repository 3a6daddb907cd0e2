/** The daemons of a home as a whole: locks that a crash cannot wedge, what they are told to keep, their logs. */

import { once } from 'node:events';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { DaemonStatusView } from '../../src/contract/daemon.ts';
import { isSameProcess, lockHolder } from '../../src/kernel/index.ts';
import type { ProcessIdentity } from '../../src/kernel/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

const LIVES = 6;

function holders(house: House): readonly ProcessIdentity[] {
  return ['controller', 'agent']
    .map((name) => lockHolder(join(house.home, 'run', `${name}.lock`)))
    .filter((holder) => holder !== null);
}

/** Whichever of the daemons hold their locks. */
async function killBoth(house: House): Promise<void> {
  const daemons = holders(house);
  for (const { pid } of daemons) process.kill(pid, 'SIGKILL');
  await until(() => !daemons.some(isSameProcess));
}

async function agentJoins(house: House): Promise<DaemonStatusView> {
  return until(
    async () => JSON.parse((await house.drover('daemon', 'status', '--json')).stdout) as DaemonStatusView,
    ({ agents }) => agents?.some(({ connected }) => connected) ?? false,
  );
}

test('daemons killed again and again, also while they start: the next start works, and the engine is the same', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '-m', 'demo');
  await house.drover('up', 'alpha');
  const [before] = await house.json<{ pid: number }[]>('ps');

  await killBoth(house);
  for (let life = 0; life < LIVES; life++) {
    const starting = house.start('daemon', 'start');
    const started = once(starting, 'exit');
    await until(() => holders(house).length > life % 2);
    await killBoth(house);
    await started;
  }
  await killBoth(house);
  const status = await house.drover('daemon', 'status');
  const start = await house.drover('daemon', 'start');

  expect([status.code, start.code]).toEqual([6, 0]);
  expect(await house.json('ps')).toMatchObject([{ status: 'ready', pid: before?.pid }]);
});

test('a controller that crashed under a service is started again by it, and the engine is adopted', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '-m', 'demo');
  await house.drover('up', 'alpha');
  const [before] = await house.json<{ pid: number }[]>('ps');
  await house.drover('daemon', 'stop');

  const first = house.start('daemon', 'run');
  await agentJoins(house);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const second = house.start('daemon', 'run');
  const status = await agentJoins(house);

  expect(status.controller.pid).toBe(second.pid);
  expect(await house.json('ps')).toMatchObject([{ status: 'ready', pid: before?.pid }]);
  second.kill('SIGTERM');
  await once(second, 'exit');
});

test('what a start was told about agent and devices holds for the starts that follow', async () => {
  await using house = await openHouse();
  await house.drover('daemon', 'start', '--no-agent');
  const alone = await house.json<DaemonStatusView>('daemon', 'status');
  const told = await house.drover('daemon', 'status');
  await house.drover('daemon', 'stop');

  const service = house.start('daemon', 'run');
  const stillAlone = await until(
    () => house.drover('daemon', 'status', '--json'),
    ({ code }) => code === 0,
  );
  service.kill('SIGTERM');
  await once(service, 'exit');
  const started = await house.drover('daemon', 'start', '--agent', '--devices', 'cpu');
  const withAgent = await house.json<DaemonStatusView>('daemon', 'status');

  expect(alone).toMatchObject({ local_agent: false, agents: [] });
  expect(told.stdout).toContain('none kept on this machine');
  expect(JSON.parse(stillAlone.stdout)).toMatchObject({ local_agent: false, agents: [] });
  expect(started.code).toBe(0);
  expect(withAgent).toMatchObject({ local_agent: true, offered_devices: ['cpu'], agents: [{ connected: true }] });
});

test('only the devices that were named are offered, by the agent of a crash too', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '3x6144' });
  const devices = async () => (await house.json<{ id: string }[]>('devices', 'ls')).map(({ id }) => id);
  const [first = '', second = ''] = (await devices()).filter((id) => id !== 'cpu');
  await house.drover('daemon', 'stop');

  await house.drover('daemon', 'start', '--devices', `${second},cpu`);
  const offered = await devices();
  await killBoth(house);
  await house.drover('daemon', 'start');

  expect(offered.toSorted()).toEqual(['cpu', second].toSorted());
  expect(await devices()).toEqual(offered);
  expect(offered).not.toContain(first);
});

test('the logs of both daemons are cut while they write, and a follower misses nothing', async () => {
  await using house = await openHouse();
  await house.drover('daemon', 'start');
  const logs = ['controller', 'agent'].map((name) => join(house.home, 'logs', `${name}.log`));
  const follower = house.start('daemon', 'logs', '--tail', '0', '-f');
  let followed = '';
  follower.stdout?.on('data', (data: Buffer) => (followed += data.toString()));
  await until(() => {
    appendFileSync(logs[0] ?? '', 'begin\n');
    return followed.includes('begin');
  });

  const filler = `${'x'.repeat(1_023)}\n`.repeat(21 * 1_024);
  for (const log of logs) appendFileSync(log, filler);
  await until(() => logs.every((log) => statSync(log).size < 1_000_000));
  await house.drover('models', 'demo');
  await until(() => followed.includes('log rotated'));

  expect(followed.split('\n').filter((line) => line === 'x'.repeat(1_023))).toHaveLength(21 * 1_024);
  expect(logs.map((log) => statSync(`${log}.1`).size > 20_000_000)).toEqual([true, true]);
  expect(readFileSync(logs[1] ?? '', 'utf8')).toContain('log rotated');
  follower.kill();
  await once(follower, 'exit');
});
