/** The agent dies by SIGKILL in the middle of things: what its next life finds is one engine, and known. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { homePaths } from '../../src/config/paths.ts';
import { systemClock } from '../../src/kernel/index.ts';
import { FakeController } from '../support/fake-controller.ts';
import { until } from '../support/patience.ts';
import { createSupervisedHost, enginePids, fakeSpec } from '../support/supervised-host.ts';
import type { Life, SupervisedHost } from '../support/supervised-host.ts';

const DIST = process.env['DROVER_TEST_DIST'] ?? join(import.meta.dirname, '../../dist');
const PROGRAM = join(DIST, 'daemon/agent.js');

let host: SupervisedHost;
let life: Life;
const agents: RealAgent[] = [];

beforeEach(async () => {
  host = await createSupervisedHost();
});

afterEach(async () => {
  for (const agent of agents.splice(0)) await kill(agent);
  await host.close();
});

/** A life whose agent dies at its first launch, before or after the program has been started. */
async function dieAtLaunch(when: 'before the spawn' | 'after the spawn'): Promise<void> {
  let reach = (): void => {};
  let die = (_death: Error): void => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const dead = new Promise<never>((_resolve, reject) => (die = reject));
  life = await host.live((launcher) => ({
    ...launcher,
    async launch(request) {
      if (when === 'after the spawn') await launcher.launch(request);
      reach();
      return dead;
    },
  }));
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'running' }]);
  await reached;
  const ended = life.end();
  die(new Error('killed'));
  await ended;
}

test('an agent that dies between the spawn and its record leaves one engine, and its next life knows it', async () => {
  await dieAtLaunch('after the spawn');
  // A program bears its marker from its first instruction on, a moment after its spawn.
  const orphan = await until(() => enginePids(host.home, 'qwen')[0]);

  const next = await host.live();
  const ready = await next.until('qwen', (report) => report.state === 'ready');

  expect(ready).toMatchObject({ pid: orphan, restarts: 0 });
  expect(enginePids(host.home, 'qwen')).toEqual([orphan]);
});

test('an agent that dies between the record and the spawn leaves nothing, and its next life starts one engine', async () => {
  await dieAtLaunch('before the spawn');
  const before = enginePids(host.home, 'qwen');

  const next = await host.live();
  const ready = await next.until('qwen', (report) => report.state === 'ready');

  expect(before).toEqual([]);
  expect(ready.restarts).toBe(0);
  expect(enginePids(host.home, 'qwen')).toEqual([ready.pid]);
});

test('an engine without a readable record is cleared away at once, also when its instance is wanted stopped', async () => {
  life = await host.live();
  const spec = fakeSpec();
  life.supervisor.apply([{ spec, desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  await life.end();
  writeFileSync(join(host.home, 'agent', 'instances', 'qwen.json'), '{"version": 99}');

  const next = await host.live();
  const left = enginePids(host.home, 'qwen');
  next.supervisor.apply([{ spec, desired: 'stopped' }]);
  await next.until('qwen', (report) => report.state === 'stopped');

  expect(left).toEqual([]);
  expect(enginePids(host.home, 'qwen')).toEqual([]);
});

test('a record that is lost altogether: the engine of an instance wanted stopped is cleared away', async () => {
  life = await host.live();
  const spec = fakeSpec();
  life.supervisor.apply([{ spec, desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  await life.end();
  rmSync(join(host.home, 'agent', 'instances', 'qwen.json'));

  const next = await host.live();
  next.supervisor.apply([{ spec, desired: 'stopped' }]);

  const left = await until(
    () => enginePids(host.home, 'qwen'),
    ({ length }) => length === 0,
  );
  expect(left).toEqual([]);
});

/** The real program, with a controller that only wants one instance to run. */
interface RealAgent {
  readonly process: ChildProcess;
  readonly controller: FakeController;
}

async function startAgent(): Promise<RealAgent> {
  const controller = await new FakeController().listen(homePaths(host.home).socket);
  const log = openSync(join(host.home, 'agent.log'), 'a');
  const agent = spawn(process.execPath, [PROGRAM], {
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], HOME: host.home, DROVER_HOME: host.home },
  });
  const real = { process: agent, controller };
  agents.push(real);
  await controller.frame('hello');
  return real;
}

async function kill({ process: agent, controller }: RealAgent): Promise<void> {
  const exit = agent.exitCode === null && agent.signalCode === null ? once(agent, 'exit') : null;
  agent.kill('SIGKILL');
  await exit;
  await controller.vanish();
}

test.each([0, 5, 15, 40, 100, 250])(
  'daemon killed -9 during `up` leaves one engine, known (after %i ms)',
  async (ms) => {
    mkdirSync(join(host.home, 'run'), { recursive: true, mode: 0o700 });
    const spec = fakeSpec({ LOAD_MS: '100' });
    const wanted = { kind: 'desired', instances: [{ spec, desired: 'running' }] } as const;
    const first = await startAgent();
    first.controller.send({ ...wanted, instances: [...wanted.instances] });
    await systemClock.sleep(ms);
    await kill(first);

    const second = await startAgent();
    second.controller.send({ ...wanted, instances: [...wanted.instances] });
    const { report } = await second.controller.frame('instance', (frame) => frame.report.state === 'ready');
    const pids = enginePids(host.home, 'qwen');
    await kill(second);

    expect(pids).toEqual([report.pid]);
  },
);
