import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { json, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import type { StandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { createClient } from '../client/index.ts';
import { homePaths } from '../config/paths.ts';
import type { HomePaths } from '../config/paths.ts';
import { systemClock } from '../kernel/clock.ts';
import { createDetachedPrograms } from '../kernel/detached/programs.ts';
import { identifyProcess } from '../kernel/process-identity.ts';
import { assertWanted, startController, stopDaemons } from './lifecycle.ts';
import type { LifecycleDeps } from './lifecycle.ts';
import { launchRecords } from './what-runs.ts';

let home: TestHome;
let paths: HomePaths;
const children: ChildProcess[] = [];
const servers: StandIn[] = [];

beforeEach(() => {
  home = createTestHome();
  paths = homePaths(home.path);
});
afterEach(async () => {
  for (const child of children.splice(0)) await ended(child, 'SIGKILL');
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

const STATUS = {
  running: true,
  version: '0.1.0',
  url: 'http://127.0.0.1:8080',
  socket: '/s',
  controller: { pid: 1, uptime_ms: 5 },
  agents: [{ host: 'here', pid: 2, connected: true, silent: false, epoch: 1 }],
  local_agent: true,
  offered_devices: null,
};

/** A program that stands for a daemon's. */
function program(script: string): ChildProcess {
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  children.push(child);
  return child;
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/** A program that an agent, which is gone, has launched. */
async function leftRunning(records: string): Promise<Disposable> {
  const programs = createDetachedPrograms(records, systemClock);
  const output = { stdoutPath: `${home.path}/out`, stderrPath: `${home.path}/err` };
  const launched = await programs.launch({ id: 'x', file: '/bin/sleep', args: ['600'], env: {}, cwd: '/', ...output });
  programs.close();
  if (launched.kind === 'failed') throw new Error(launched.message);
  return { [Symbol.dispose]: () => void process.kill(launched.pid, 'SIGKILL') };
}

function deps(more: Partial<LifecycleDeps> = {}): LifecycleDeps {
  const client = createClient({ endpoint: { kind: 'socket', path: paths.socket } });
  return { paths, env: {}, clock: systemClock, client, ...more };
}

async function answering(more: Parameters<typeof startStandIn>[1] = {}): Promise<void> {
  servers.push(await startStandIn(home.path, { 'GET /v2/daemon': json(STATUS), ...more }));
}

function holdLock(file: string, child: ChildProcess): void {
  mkdirSync(paths.run, { recursive: true });
  writeFileSync(file, JSON.stringify(identifyProcess(child.pid ?? 0)));
}

describe('starting', () => {
  test('a daemon that runs is left alone', async () => {
    await answering();
    const spawnController = (): never => {
      throw new Error('must not be started');
    };

    expect(await startController(deps({ spawnController }))).toEqual({ kind: 'already-running', status: STATUS });
  });

  test('returns when the controller answers, and takes back an earlier stop', async () => {
    writeFileSync(paths.stoppedMarker, '');
    const spawnController = (): ChildProcess => {
      void answering();
      return program('setInterval(() => {}, 1000)');
    };

    const outcome = await startController(deps({ spawnController }));

    expect(outcome).toEqual({ kind: 'started', status: STATUS });
    expect(existsSync(paths.stoppedMarker)).toBe(false);
  });

  test('ends with what the controller left as the reason', async () => {
    const error = { code: 'PORT_TAKEN', message: 'port 8080 is taken by nginx', hint: 'set DROVER_PORT' };
    const script = `require('fs').writeFileSync(${JSON.stringify(paths.startError)}, ${JSON.stringify(JSON.stringify({ error }))})`;

    const starting = startController(deps({ spawnController: () => program(script) }));

    await expect(starting).rejects.toMatchObject(error);
  });

  test('names the log when the controller dies without a word', async () => {
    const starting = startController(deps({ spawnController: () => program('process.exit(3)') }));

    await expect(starting).rejects.toMatchObject({
      code: 'DAEMON_START_FAILED',
      message: expect.stringContaining('code 3') as string,
      hint: expect.stringContaining('controller.log') as string,
    });
  });

  test('says that nothing can be written where the controller could not leave a word', async () => {
    const script = `require('fs').rmSync(${JSON.stringify(paths.run)}, { recursive: true }); process.exit(1)`;

    const starting = startController(deps({ spawnController: () => program(script) }));

    await expect(starting).rejects.toMatchObject({
      code: 'DAEMON_START_FAILED',
      message: expect.stringMatching(/^nothing can be written to .*run: ENOENT/) as string,
    });
  });

  test('waits for another that is being started at the same time', async () => {
    const error = { code: 'DAEMON_ALREADY_RUNNING', message: 'a controller runs already' };
    const script = `require('fs').writeFileSync(${JSON.stringify(paths.startError)}, ${JSON.stringify(JSON.stringify({ error }))})`;
    const spawnController = (): ChildProcess => {
      const child = program(script);
      child.once('exit', () => void answering());
      return child;
    };

    expect(await startController(deps({ spawnController }))).toMatchObject({ kind: 'started' });
  });
});

describe('stopping', () => {
  test('what is stopped is fine', async () => {
    expect(await stopDaemons(deps(), { all: false })).toEqual({ kind: 'was-not-running' });
    expect(existsSync(paths.stoppedMarker)).toBe(true);
  });

  test('returns only when controller and agent are gone', async () => {
    const [controller, agent] = [program('setInterval(() => {}, 1000)'), program('setInterval(() => {}, 1000)')];
    holdLock(paths.controllerLock, controller);
    holdLock(paths.agentLock, agent);
    await answering({
      'POST /v2/daemon/stop': (asked, response, request) => {
        setTimeout(() => controller.kill(), 100);
        setTimeout(() => agent.kill(), 200);
        return json({})(asked, response, request);
      },
    });

    expect(await stopDaemons(deps(), { all: true })).toEqual({ kind: 'stopped' });

    expect(identifyProcess(controller.pid ?? 0)).toBeNull();
    expect(identifyProcess(agent.pid ?? 0)).toBeNull();
    expect(servers[0]?.asked.at(-1)?.body).toEqual({ all: true });
  });

  test('a controller that does not listen is ended by signal', async () => {
    const controller = program('setInterval(() => {}, 1000)');
    holdLock(paths.controllerLock, controller);

    expect(await stopDaemons(deps(), { all: false })).toEqual({ kind: 'stopped' });

    expect(identifyProcess(controller.pid ?? 0)).toBeNull();
  });

  test.each(['instances', 'tasks'] as const)(
    'with --all, %s that outlived their daemons bring the controller back to end them',
    async (of) => {
      using _left = await leftRunning(launchRecords(paths, of));
      let started = 0;
      const spawnController = (): ChildProcess => {
        started++;
        const child = program('setInterval(() => {}, 1000)');
        holdLock(paths.controllerLock, child);
        void answering({
          'POST /v2/daemon/stop': (asked, response, request) => {
            child.kill();
            return json({})(asked, response, request);
          },
        });
        return child;
      };

      expect(await stopDaemons(deps({ spawnController }), { all: true })).toEqual({ kind: 'stopped' });
      expect(started).toBe(1);
    },
  );

  test('a daemon that is only just starting finds that it is not wanted', async () => {
    await stopDaemons(deps(), { all: false });

    expect(() => assertWanted(paths)).toThrow('stopped on request');
  });
});
