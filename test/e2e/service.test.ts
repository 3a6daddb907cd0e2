/** What a service manager does to the daemon, also a real systemd: it ends, it comes back, and engines keep their pids. */

import { once } from 'node:events';

import { expect, test } from 'vitest';

import { identifyProcess } from '../../src/kernel/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { canRunUserManager, startUserManager } from '../support/user-manager.ts';

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

test.runIf(canRunUserManager())(
  'under systemd: restarted, killed and stopped, with the same engine all along',
  async () => {
    await using manager = await startUserManager();
    await using house = await openHouse(manager.env);
    const mainPid = (): string => manager.systemctl('show', '--property=MainPID', '--value', 'drover');
    const engine = async () => (await house.json<{ pid: number }[]>('ps'))[0]?.pid;
    await house.drover('models', 'demo');
    await house.drover('init', 'alpha', '-m', 'demo');

    const installed = await house.drover('daemon', 'install', '--user');
    await house.drover('up', 'alpha');
    const [first, before] = [mainPid(), await engine()];
    manager.systemctl('restart', 'drover');
    await agentJoins(house);
    const [second, afterRestart] = [mainPid(), await engine()];
    process.kill(Number(second), 'SIGKILL');
    await until(() => ![second, '0'].includes(mainPid()));
    await agentJoins(house);
    const [third, afterKill] = [mainPid(), await engine()];
    manager.systemctl('stop', 'drover');
    const stopped = manager.systemctl('show', '--property=ActiveState,Result', 'drover');
    const status = await house.drover('daemon', 'status');
    manager.systemctl('start', 'drover');
    await agentJoins(house);
    const afterStart = await engine();
    const removed = await house.drover('daemon', 'uninstall', '--user');

    expect([installed.code, removed.code, status.code]).toEqual([0, 0, 6]);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(new Set([before, afterRestart, afterKill, afterStart])).toEqual(new Set([before]));
    expect(before).toBeGreaterThan(0);
    expect(stopped.split('\n').toSorted()).toEqual(['ActiveState=inactive', 'Result=success']);
  },
);
