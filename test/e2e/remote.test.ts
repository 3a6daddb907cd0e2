/** A controller on another machine, reached through a real ssh: every command works as it does at home. */

import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { BatchDetailView, DaemonStatusView, SubmitView } from '../../src/contract/index.ts';
import { openFarHouse } from '../support/far-house.ts';
import type { FarHouse } from '../support/far-house.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';
import { hasSshd } from '../support/sshd.ts';

describe.skipIf(!hasSshd)('over ssh', () => {
  let far: FarHouse;
  /** The machine behind ssh, and the one at which a person sits. */
  let rig: House;
  let desk: House;
  let host: string;

  beforeAll(async () => {
    far = await openFarHouse();
    ({ rig, desk, host } = far);
  });

  afterAll(() => far[Symbol.asyncDispose]());

  test('a command starts the daemon there, and none here', async () => {
    const status = await desk.json<DaemonStatusView>('-H', host, 'daemon', 'status');

    expect(status.controller.pid).toBe(rig.pidOf('controller'));
    // ssh goes when it has heard the end of its stdin.
    await until(() => desk.processes().length === 0);
  });

  test('a plan of this machine runs there, and its results come back', async () => {
    const folder = writePlan(desk.home, planOf('far', [{ id: 'one', command: 'pwd > where.txt' }]));
    const back = join(desk.home, 'back');

    const { batch_id: id } = await desk.json<SubmitView>('-H', host, 'submit', folder, '--wait');
    const batch = await desk.json<BatchDetailView>('-H', host, 'batch', 'show', id);
    const exported = await desk.drover('batch', 'export', id, back, `--host=${host}`);

    expect(batch).toMatchObject({ status: 'succeeded' });
    expect(batch.path.startsWith(rig.home)).toBe(true);
    expect(exported).toMatchObject({ code: 0 });
  });

  test('a name stands for the address, and `use` makes it the one that is meant', async () => {
    await desk.drover('context', 'add', 'far', host);
    const byName = await desk.json<DaemonStatusView>('-H', 'far', 'daemon', 'status');
    await desk.drover('context', 'use', 'far');
    const inUse = await desk.json<DaemonStatusView>('daemon', 'status');
    const pooled = await desk.json<readonly unknown[]>('pool', 'far', 'models', 'ls');
    await desk.drover('context', 'rm', 'far');

    expect([byName, inUse].map(({ controller }) => controller.pid)).toEqual([
      rig.pidOf('controller'),
      rig.pidOf('controller'),
    ]);
    expect(pooled).toEqual([]);
    expect(await desk.drover('-H', 'far', 'ps')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('there is no context "far"') as string,
    });
  });

  test('what is about a machine itself is done there, with the exit code it has there', async () => {
    const before = rig.pidOf('controller');
    const port = await desk.drover('pool', host, 'config', 'get', 'port');
    const written = await desk.drover('-H', host, 'init', 'far', '-m', 'demo');
    const unknown = await desk.drover('-H', host, 'config', 'get', 'no-such-key');
    const again = await desk.drover('-H', host, 'daemon', 'restart');

    expect(port).toMatchObject({ code: 0, stdout: `${rig.port}\n` });
    expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining(rig.home) as string });
    expect(unknown.code).toBe((await rig.drover('config', 'get', 'no-such-key')).code);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('daemon started') as string });
    expect(rig.pidOf('controller')).not.toBe(before);
  });

  test('the checkout of the machine is told of through its own git', async () => {
    const ran = await desk.drover('pool', host, 'git', 'status');

    // The suites also run where no git history is.
    expect(ran.stdout + ran.stderr).toMatch(/^## |is no git checkout/m);
  });

  test('what ssh says is the reason; a missing program has its own hint', async () => {
    const unknown = await desk.drover('-H', 'ssh://nobody@127.0.0.1:1', 'ps');
    const missing = await desk.drover('-H', 'ssh://rig/nowhere/drover', 'ps');
    const pooled = await desk.drover('pool', 'nobody@127.0.0.2', 'git', 'pull');
    const built = await desk.drover('-H', 'ssh://rig/nowhere/drover', 'checkout', 'update');

    expect(pooled).toMatchObject({ code: 6, stderr: expect.stringContaining('at ssh://nobody@127.0.0.2') as string });
    expect(built).toMatchObject({ code: 6, stderr: expect.stringContaining('name its path') as string });
    expect(unknown).toMatchObject({ code: 6, stderr: expect.stringContaining('Connection refused') as string });
    expect(missing).toMatchObject({ code: 6, stderr: expect.stringContaining('name its path') as string });
  });
});

test('by the socket of another home, what is about a machine itself is of that home', async () => {
  await using here = await openHouse();
  await using other = await openHouse();
  await other.drover('config', 'set', 'queue_per_model', '7');
  await other.drover('config', 'set', 'port', String(other.port));
  const socket = join(other.home, 'run/drover.sock');

  const read = await here.drover('-H', socket, 'config', 'get', 'queue_per_model');
  const port = await here.drover('-H', socket, 'config', 'get', 'port');
  const written = await here.drover('-H', socket, 'init', 'over-there', '-m', 'demo');
  const unknown = await here.drover('-H', socket, 'config', 'get', 'no-such-key');

  expect(read).toMatchObject({ code: 0, stdout: '7\n' });
  // DROVER_PORT is that of the home here.
  expect(port).toMatchObject({ code: 0, stdout: `${other.port}\n` });
  expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining(other.home) as string });
  expect(unknown.code).toBe((await other.drover('config', 'get', 'no-such-key')).code);
});

test.each(['ssh://-oProxyCommand=x', 'ssh://a b', 'ssh://u:secret@rig', 'ssh://rig;ls', 'ssh://'])(
  'the address %j is refused before anything runs',
  async (host) => {
    await using house = await openHouse({ DROVER_SSH: '/bin/false' });

    expect(await house.drover('-H', host, 'ps')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no address of a controller') as string,
    });
  },
);
