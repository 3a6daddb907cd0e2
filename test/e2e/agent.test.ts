/** The agent program with real workers, against a controller that is not real: what it runs, reports and survives. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { homePaths } from '../../src/config/paths.ts';
import type { AttemptRef, Grant } from '../../src/contract/index.ts';
import { attemptKey } from '../../src/contract/index.ts';
import { identifyProcess, isSameProcess, killTree, survivors } from '../../src/kernel/index.ts';
import { FakeController } from '../support/fake-controller.ts';
import { until } from '../support/patience.ts';

const DIST = process.env['DROVER_TEST_DIST'] ?? join(import.meta.dirname, '../../dist');
const PROGRAM = join(DIST, 'daemon/agent.js');
const GOING_MS = 10_000;

let home: string;
let agents: ChildProcess[];
let controllers: FakeController[];
let granted: AttemptRef[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-agent-'));
  mkdirSync(join(home, 'agent'));
  writeFileSync(join(home, 'agent', 'epoch'), '0\n');
  agents = [];
  controllers = [];
  granted = [];
  mkdirSync(join(home, 'run'), { mode: 0o700 });
});

afterEach(async () => {
  for (const agent of agents) await ended(agent, 'SIGKILL');
  for (const controller of controllers) await controller.vanish();
  const left = (): number[] => granted.flatMap((attempt) => survivors(markerOf(attempt)));
  // Who has been killed takes a moment to be gone.
  await until(left, ({ length }) => length === 0, GOING_MS).finally(() => {
    for (const attempt of granted) killTree(null, markerOf(attempt));
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });
});

const markerOf = (attempt: AttemptRef) => ({ name: 'DROVER_ATTEMPT', value: attemptKey(attempt) }) as const;

/** As `daemon stop` would: the agent shall not bring up a real controller while the test has taken its own away. */
async function takeAway(controller: FakeController): Promise<void> {
  writeFileSync(homePaths(home).stoppedMarker, '');
  await controller.vanish();
}

async function startAgent(environment: Record<string, string> = {}): Promise<ChildProcess> {
  const log = openSync(join(home, 'agent.log'), 'a');
  const agent = spawn(process.execPath, [PROGRAM], {
    stdio: ['ignore', log, log],
    env: { PATH: process.env['PATH'], HOME: home, DROVER_HOME: home, SECRET_OF_THE_DAEMON: 'x', ...environment },
  });
  agents.push(agent);
  return agent;
}

async function startController(...options: ConstructorParameters<typeof FakeController>): Promise<FakeController> {
  const controller = new FakeController(...options);
  controllers.push(controller);
  return controller.listen(homePaths(home).socket);
}

async function rig(): Promise<{ controller: FakeController; agent: ChildProcess }> {
  const controller = await startController();
  const agent = await startAgent();
  await controller.frame('hello');
  return { controller, agent };
}

async function ended(agent: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  const exit = agent.exitCode === null && agent.signalCode === null ? once(agent, 'exit') : null;
  if (signal) agent.kill(signal);
  await exit;
  return agent.exitCode;
}

function grantOf(task: string, command: string, more: Partial<Grant> = {}): Grant {
  const attempt = { batchId: `20260101_000000_${home.slice(-6)}`, task, no: 1 };
  granted.push(attempt);
  const cwd = join(home, 'batch');
  mkdirSync(cwd, { recursive: true });
  return {
    attempt,
    taskClass: 'cpu',
    command,
    cwd,
    dir: join(cwd, 'logs', task, '1'),
    env: { PATH: process.env['PATH'] ?? '', OPENAI_API_KEY: 'sk-secret' },
    item: null,
    timeoutMs: 60_000,
    memoryBytes: 0,
    produces: [],
    executor: 'worker',
    avoid: [],
    pausable: false,
    sandbox: 'none',
    secrets: [],
    ...more,
  };
}

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');

function recordOf(grant: Grant): unknown[] {
  return read(grant.dir, 'record.jsonl')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

describe('an attempt', () => {
  test('is started, runs in its folder with its own environment, and is reported once', async () => {
    const { controller } = await rig();
    const grant = grantOf('hello', 'env | sort; pwd; cat; echo problem >&2; false; echo $$ >&2; exit 7');

    controller.grant(grant);
    const started = await controller.started(grant.attempt);
    const outcome = await controller.outcome(grant.attempt);

    expect(outcome).toMatchObject({ result: 'exited', exitCode: 7, signal: null, device: 'cpu', epoch: 1 });
    expect(outcome.tail).toBe(`problem\n${started.pid}\n`);
    expect(
      read(grant.dir, 'stdout')
        .split('\n')
        .filter((line) => line.includes('='))
        .map((line) => line.split('=')[0]),
    ).toEqual([
      'CUDA_VISIBLE_DEVICES',
      'DROVER_ATTEMPT',
      'DROVER_DEVICE',
      'DROVER_HOME',
      'DROVER_PROGRESS_FILE',
      'HIP_VISIBLE_DEVICES',
      'OPENAI_API_KEY',
      'PATH',
      'PWD',
      'SHLVL',
      '_',
    ]);
    expect(read(grant.dir, 'stdout')).toContain(`\n${grant.cwd}\n`);
    const [asked, told] = recordOf(grant);
    expect(asked).toMatchObject({ command: grant.command, env: { OPENAI_API_KEY: '[masked]' } });
    expect(told).toMatchObject({ exitCode: 7 });
    expect(readdirSync(grant.dir).toSorted()).toEqual(['record.jsonl', 'stderr', 'stdout']);
    await until(() => read(home, 'agent', 'attempts.jsonl').trim().endsWith('"}'));
    const records = join(home, 'agent', 'exits', 'tasks');
    expect(readdirSync(records).filter((name) => !/^$|forgotten\n$/.test(read(records, name)))).toEqual([]);
  });

  test('is told of in heartbeats: the memory of all its processes, also of those that left its group, and its silence', async () => {
    const { controller } = await rig();
    const hold = 'const held = Buffer.alloc(150e6, 1); setTimeout(() => held.length, 30_000)';
    const grant = grantOf('heavy', `setsid node -e '${hold}' & for i in 1 2 3; do sleep 1; echo $i; done; sleep 60`);

    controller.grant(grant);
    const { pid } = await controller.started(grant.attempt);
    const beat = await controller.frame('heartbeat', ({ workers }) => (workers[0]?.memoryBytes ?? 0) > 150e6);
    const later = await controller.frame('heartbeat', ({ workers }) => (workers[0]?.quietMs ?? 0) > 5_000);
    controller.send({ kind: 'signal', attempt: grant.attempt, signal: 'kill' });
    const outcome = await controller.outcome(grant.attempt);

    expect(beat.workers).toMatchObject([{ attempt: grant.attempt, device: 'cpu', pid, paused: false }]);
    expect(later.uptimeMs).toBeGreaterThan(5_000);
    expect(outcome.peakMemoryBytes).toBeGreaterThan(150e6);
    expect(survivors(markerOf(grant.attempt))).toEqual([]);
  });

  test('prints 10 MB on stdout and on stderr', async () => {
    const { controller } = await rig();
    const grant = grantOf('loud', 'head -c 10000000 /dev/zero & head -c 10000000 /dev/zero >&2; wait');

    controller.grant(grant);

    expect(await controller.outcome(grant.attempt)).toMatchObject({ exitCode: 0 });
    expect(statSync(join(grant.dir, 'stdout')).size).toBe(1e7);
    expect(statSync(join(grant.dir, 'stderr')).size).toBe(1e7);
  });

  test('reads an item of 1 MB through DROVER_ITEM_FILE', async () => {
    const { controller } = await rig();
    const grant = grantOf('big item', 'wc -c <"$DROVER_ITEM_FILE"', { item: 'x'.repeat(1_000_000) });

    controller.grant(grant);

    expect(await controller.outcome(grant.attempt)).toMatchObject({ exitCode: 0, tail: '1000000\n' });
  });

  test('runs a command that is longer than an argument may be', async () => {
    const { controller } = await rig();
    const grant = grantOf('long', `: ${'x'.repeat(300_000)}; echo "$0"`);

    controller.grant(grant);

    expect(await controller.outcome(grant.attempt)).toMatchObject({ exitCode: 0, tail: `${grant.dir}/command.sh\n` });
  });

  test('tells which of its products are missing or empty', async () => {
    const { controller } = await rig();
    const grant = grantOf('maker', 'echo a >a.txt; : >empty; mkdir d; echo b >d/b.csv', {
      produces: ['a.txt', 'empty', 'none', 'd/*.csv', '*.json'],
    });

    controller.grant(grant);

    expect((await controller.outcome(grant.attempt)).missing).toEqual(['empty', 'none', '*.json']);
  });

  test('whose folder cannot be made is reported, not retried in silence', async () => {
    const { controller } = await rig();
    const grant = grantOf('nowhere', 'true', { cwd: '/no/such/folder' });

    controller.grant(grant);

    expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'spawn_failed' });
  });

  test('beyond the places of the device waits for its turn, in order', async () => {
    const { controller } = await rig();
    const line = (task: string) => grantOf(task, `echo ${task} >>order; sleep 0.05`);
    const grants = Array.from({ length: 40 }, (_, index) => line(`t${String(index).padStart(2, '0')}`));

    controller.grant(...grants);
    for (const grant of grants) await controller.outcome(grant.attempt);

    expect(
      read(grants[0]?.cwd ?? '', 'order')
        .trim()
        .split('\n')
        .toSorted(),
    ).toEqual(grants.map((grant) => grant.attempt.task));
    expect(controller.outcomes()).toHaveLength(40);
  });

  test('on a simulated card sees that card alone, and one that fits no card is declined', async () => {
    const controller = await startController();
    await startAgent({ DROVER_SIMULATE_RIG: '2x6144' });
    await controller.frame('hello');
    const fits = grantOf('fits', 'echo "$DROVER_DEVICE"', { taskClass: 'script', memoryBytes: 4e9 });
    const huge = grantOf('huge', 'true', { taskClass: 'script', memoryBytes: 60e9 });

    controller.grant(fits, huge);

    const { device, tail } = await controller.outcome(fits.attempt);
    expect(tail).toBe(`${device}\n`);
    expect((await controller.frame('declined')).attempt).toEqual(huge.attempt);
  });
});

describe('ending an attempt', () => {
  test('abort ends the whole tree, also a child that ignores SIGTERM and one that left the group', async () => {
    const { controller } = await rig();
    const grant = grantOf(
      'stubborn',
      `(trap '' TERM; sleep 300; sleep 300) & setsid sleep 300 & trap '' TERM; touch deaf; wait; wait`,
    );
    controller.grant(grant);
    await controller.started(grant.attempt);
    await until(() => existsSync(join(grant.cwd, 'deaf')) && survivors(markerOf(grant.attempt)).length === 4);

    controller.send({ kind: 'signal', attempt: grant.attempt, signal: 'abort' });

    expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'cancelled', signal: 'SIGKILL' });
    await until(() => survivors(markerOf(grant.attempt)).length === 0);
  });

  test('kill is at once', async () => {
    const { controller } = await rig();
    const grant = grantOf('sleeper', `trap '' TERM; sleep 300`);
    controller.grant(grant);
    await controller.started(grant.attempt);

    controller.send({ kind: 'signal', attempt: grant.attempt, signal: 'kill' });

    expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'cancelled', signal: 'SIGKILL' });
  });

  test('its time is up', async () => {
    const { controller } = await rig();
    const grant = grantOf('slow', 'exec sleep 300', { timeoutMs: 200 });

    controller.grant(grant);

    expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'timed_out', signal: 'SIGTERM' });
  });

  test('what a command left running in its group goes with it', async () => {
    const { controller } = await rig();
    const grant = grantOf('untidy', 'sleep 300 & exit 0');

    controller.grant(grant);

    expect(await controller.outcome(grant.attempt)).toMatchObject({ exitCode: 0 });
    await until(() => survivors(markerOf(grant.attempt)).length === 0);
  });

  test('stop-everything leaves nothing, and the attempts are lost through no fault of theirs', async () => {
    const { controller } = await rig();
    const grant = grantOf('sleeper', 'sleep 300');
    controller.grant(grant);
    await controller.started(grant.attempt);

    controller.send({ kind: 'call', id: 7, call: { op: 'stop-everything' } });

    expect(await controller.frame('reply')).toMatchObject({ id: 7, ok: true });
    expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'lost' });
  });
});

describe('survival', () => {
  const WAITS = 'until [ -e go ]; do sleep 0.02; done; echo ran >>ran; exit 3';

  test('the agent is killed: its successor adopts the same processes and tells each outcome once', async () => {
    const { controller, agent } = await rig();
    const grants = [grantOf('a', WAITS), grantOf('b', WAITS, { taskClass: 'llm' })];
    controller.grant(...grants);
    const pids = await Promise.all(grants.map(async (grant) => (await controller.started(grant.attempt)).pid));

    await ended(agent, 'SIGKILL');
    await startAgent();
    const hello = await controller.frame('hello', (frame) => frame.epoch === 2);
    expect(hello.attempts.map((live) => live.pid).toSorted()).toEqual(pids.toSorted());
    writeFileSync(join(home, 'batch', 'go'), '');

    for (const grant of grants) {
      expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'exited', exitCode: 3, epoch: 2 });
    }
    expect(controller.outcomes()).toHaveLength(2);
    expect(read(home, 'batch', 'ran')).toBe('ran\nran\n');
  });

  test('the agent is killed and the work ends before its successor comes', async () => {
    const { controller, agent } = await rig();
    const grant = grantOf('a', WAITS);
    controller.grant(grant);
    const { pid } = await controller.started(grant.attempt);
    const worker = identifyProcess(pid);

    await ended(agent, 'SIGKILL');
    writeFileSync(join(home, 'batch', 'go'), '');
    await until(() => worker === null || !isSameProcess(worker));
    await startAgent();

    expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'exited', exitCode: 3 });
    expect(controller.outcomes()).toHaveLength(1);
  });

  test('agent and worker are killed together with its shell: the attempt is lost', async () => {
    const { controller, agent } = await rig();
    const grant = grantOf('a', 'sleep 300');
    controller.grant(grant);
    const { pid } = await controller.started(grant.attempt);
    const shell = Number(read('/proc', String(pid), 'stat').split(') ')[1]?.split(' ')[1]);

    await ended(agent, 'SIGKILL');
    process.kill(shell, 'SIGKILL');
    process.kill(-pid, 'SIGKILL');
    await startAgent();

    expect(await controller.outcome(grant.attempt)).toMatchObject({ result: 'lost', exitCode: null });
  });

  test('the controller vanishes: work goes on, and its outcome is told to the next one', async () => {
    const { controller } = await rig();
    const grant = grantOf('a', WAITS);
    controller.grant(grant);
    await controller.started(grant.attempt);

    await takeAway(controller);
    writeFileSync(join(home, 'batch', 'go'), '');
    await until(() => recordOf(grant).length === 2);
    const next = await startController();

    await until(() => next.outcomes().length > 0);
    expect(next.outcomes()).toMatchObject([{ attempt: grant.attempt, exitCode: 3 }]);
  });

  test('an outcome that was not acknowledged survives the agent too', async () => {
    const controller = await startController({ acknowledges: false });
    const agent = await startAgent();
    await controller.frame('hello');
    const grant = grantOf('a', 'exit 4');
    controller.grant(grant);
    await controller.outcome(grant.attempt);

    await ended(agent, 'SIGKILL');
    await startAgent();

    const hello = await controller.frame('hello', (frame) => frame.epoch === 2);
    expect(hello.outcomes).toMatchObject([{ attempt: grant.attempt, exitCode: 4, epoch: 1 }]);
  });

  test('an attempt that was given away is killed and never reported', async () => {
    const { controller } = await rig();
    const grant = grantOf('a', 'sleep 300');
    controller.grant(grant);
    await controller.started(grant.attempt);

    await takeAway(controller);
    const next = await startController({ welcome: () => ({ revoke: [grant.attempt] }) });
    await next.frame('hello');
    await until(() => survivors(markerOf(grant.attempt)).length === 0);
    const after = grantOf('b', 'true');
    next.grant(after);

    await next.outcome(after.attempt);
    expect(next.outcomes().map((outcome) => outcome.attempt)).toEqual([after.attempt]);
  });
});

describe('the process', () => {
  test('a second agent of the same home is refused with exit 5', async () => {
    await rig();

    const second = await startAgent();

    expect(await ended(second)).toBe(5);
    expect(read(home, 'agent.log')).toContain('DAEMON_ALREADY_RUNNING');
  });

  test('SIGTERM ends the agent alone', async () => {
    const { controller, agent } = await rig();
    const grant = grantOf('a', 'sleep 300');
    controller.grant(grant);
    const { pid } = await controller.started(grant.attempt);

    expect(await ended(agent, 'SIGTERM')).toBe(0);

    expect(identifyProcess(pid)).not.toBeNull();
    killTree(null, markerOf(grant.attempt));
    await until(() => survivors(markerOf(grant.attempt)).length === 0);
  });

  test('a goodbye to both ends it', async () => {
    const { controller, agent } = await rig();

    controller.send({ kind: 'goodbye', withAgent: true });

    expect(await ended(agent)).toBe(0);
  });

  test('beats its heart', async () => {
    const { controller } = await rig();

    const beat = await controller.frame('heartbeat');

    expect(beat.sequence).toBe(1);
    expect(beat.devices.map((device) => device.id)).toContain('cpu');
  });
});
