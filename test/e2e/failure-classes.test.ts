/** Each class of failure, injected for real into a real daemon: what it is taken for, and what follows. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type {
  BatchDetailView,
  EscalationView,
  FactView,
  SubmitView,
  TaskDetailView,
} from '../../src/contract/index.ts';
import { isAlive, openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';
import type { TaskLines } from '../support/plans.ts';

/** True in every attempt but the first. */
const NOT_THE_FIRST = 'test "${DROVER_ATTEMPT##*#}" -gt 1';

/** Three of 6 GB, and the CPU. */
const RIG = { DROVER_SIMULATE_RIG: '3x6144' };

async function submit(
  house: House,
  tasks: readonly TaskLines[],
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = writePlan(house.home, planOf('ladder', tasks), files);
  return (await house.json<SubmitView>('submit', folder)).batch_id;
}

async function ended(house: House, batchId: string): Promise<BatchDetailView> {
  return until(
    () => house.json<BatchDetailView>('batch', 'show', batchId),
    ({ status }) => status !== 'running',
  );
}

function show(house: House, batchId: string, task: string): Promise<TaskDetailView> {
  return house.json<TaskDetailView>('task', 'show', `${batchId}/${task}`);
}

async function facts(house: House, batchId: string, type: string): Promise<FactView[]> {
  const { stdout } = await house.drover('events', '--batch', batchId);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as FactView)
    .filter((fact) => fact.type === type);
}

test('every class of failure is told from its signs, and followed by its own rule', async () => {
  await using house = await openHouse(RIG);
  const once = (sign: string): string => `${NOT_THE_FIRST} || { ${sign}; }`;
  const batch = await submit(house, [
    { id: 'definition', command: 'no-such-program-anywhere' },
    { id: 'declared', command: 'exit 7', more: ['- **fail_codes**: 7'] },
    { id: 'unknown', command: once('echo odd >&2; exit 3') },
    { id: 'killed', command: once('kill -9 $$') },
    { id: 'memory', class: 'script', command: once('echo CUDA error: out of memory >&2; exit 1') },
    { id: 'overload', command: once('printf "HTTP/1.1 503\\nRetry-After: 1\\n" >&2; exit 22') },
    { id: 'refused', command: once('exec 3<>/dev/tcp/127.0.0.1/9') },
    {
      id: 'output',
      command: `${NOT_THE_FIRST} && echo x > out.txt || true`,
      more: ['- **produces**: out.txt'],
    },
    { id: 'slow', command: once('sleep 60'), more: ['- **timeout**: 1s'] },
  ]);

  const { status } = await ended(house, batch);

  expect(status).toBe('failed');
  const classes = async (task: string): Promise<unknown> =>
    (await show(house, batch, task)).attempt_list.map((attempt) => attempt.class);
  expect(await classes('definition')).toEqual(['definition']);
  expect(await classes('declared')).toEqual(['declared']);
  expect(await classes('unknown')).toEqual(['exit_code', null]);
  expect(await classes('killed')).toEqual(['memory', null]);
  expect(await classes('memory')).toEqual(['memory', null]);
  expect(await classes('overload')).toEqual(['backoff', null]);
  expect(await classes('refused')).toEqual(['backoff', null]);
  expect(await classes('output')).toEqual(['output', null]);
  expect(await classes('slow')).toEqual(['timeout', null]);
  const [first] = (await show(house, batch, 'unknown')).attempt_list;
  expect(first).toMatchObject({
    exit_code: 3,
    signal: null,
    device: expect.any(String) as string,
    reason: 'exit code 3: odd',
  });
  expect((await show(house, batch, 'killed')).attempt_list[0]).toMatchObject({
    reason: expect.stringMatching(/137|SIGKILL/) as string,
  });
  const scheduled = await facts(house, batch, 'task.retry_scheduled');
  const overload = scheduled.find(({ subject }) => subject.endsWith('/overload'))?.data as { delay_ms: number };
  expect(overload.delay_ms).toBeGreaterThanOrEqual(2_500);
});

test('a script that runs out of memory on the largest card fails with the sum', async () => {
  await using house = await openHouse(RIG);
  const command = 'echo vk::ErrorOutOfDeviceMemory >&2; exit 1';
  const more = ['- **vram_estimate_mb**: 3000', '- **retries**: 9'];
  const batch = await submit(house, [{ id: 'big', class: 'script', command, more }]);

  await ended(house, batch);

  const task = await show(house, batch, 'big');
  expect(task.reason).toMatch(
    /4915 MB were charged, 7373 MB would be next, and no device gives a task more than 4915 MB/,
  );
  expect(task.attempt_list.length).toBe(3);
});

test('a task that fails on three cards is asked about', async () => {
  await using house = await openHouse(RIG);
  const batch = await submit(house, [{ id: 'odd', class: 'script', command: 'echo broken >&2; exit 1' }]);

  await ended(house, batch);

  const devices = (await show(house, batch, 'odd')).attempt_list.map(({ device }) => device);
  expect(new Set(devices).size).toBe(3);
  const [question] = await house.json<EscalationView[]>('escalations', 'ls');
  expect(question).toMatchObject({ kind: 'failing_task', task: 'odd', status: 'open' });
});

test('a lost agent costs the task nothing', async () => {
  await using house = await openHouse();
  const batch = await submit(house, [{ id: 'long', command: `${NOT_THE_FIRST} || sleep 300` }]);
  const pid = await until(
    async () => (await show(house, batch, 'long')).attempt_list[0]?.pid ?? null,
    (found) => found !== null,
  );
  const agent = house.pidOf('agent');

  process.kill(agent, 'SIGKILL');
  process.kill(-(pid ?? 0), 'SIGKILL');
  const { status } = await ended(house, batch);

  expect(status).toBe('succeeded');
});

/** Ignores SIGTERM, and so do its children, one of which has left the group. */
const STUBBORN = `trap '' TERM
setsid bash -c 'trap "" TERM; echo $$ > "$DROVER_BATCH_PATH/left.pid"; while :; do sleep 1; done' &
bash -c 'trap "" TERM; echo $$ > "$DROVER_BATCH_PATH/child.pid"; while :; do sleep 1; done' &
echo $$ > "$DROVER_BATCH_PATH/own.pid"
wait; while :; do sleep 1; done
`;

test('acceptance 6: an abort of one task ends its whole tree within the grace, and nothing else', async () => {
  await using house = await openHouse();
  const files = { 'stubborn.sh': STUBBORN };
  const batch = await submit(
    house,
    [
      { id: 'stubborn', command: 'bash {PLAN_PATH}/stubborn.sh' },
      { id: 'other', command: 'sleep 9' },
    ],
    files,
  );
  const { path } = await house.json<BatchDetailView>('batch', 'show', batch);
  const pids = await until(
    () => readPids(path),
    (found) => found.length === 3,
  );

  const asked = Date.now();
  const told = await house.drover('task', 'signal', `${batch}/stubborn`, 'abort');
  await until(() => pids.every((pid) => !isAlive(pid)));
  const tookMs = Date.now() - asked;

  expect(told).toMatchObject({ code: 0 });
  expect(tookMs).toBeGreaterThan(4_000);
  expect(tookMs).toBeLessThan(60_000);
  await ended(house, batch);
  expect(await show(house, batch, 'stubborn')).toMatchObject({ status: 'cancelled', attempts: 1 });
  expect(await show(house, batch, 'other')).toMatchObject({ status: 'succeeded' });
});

test('acceptance 12: what hangs in silence is ended, all of it, and tried again', async () => {
  await using house = await openHouse();
  const hang = `${NOT_THE_FIRST} || { trap "" TERM; setsid sleep 300 & sleep 300; sleep 300; }`;
  const more = ['- **stuck_after**: 5s'];
  const batch = await submit(house, [
    { id: 'first', command: hang, more },
    { id: 'second', command: hang, more },
    { id: 'talks', command: 'for i in $(seq 16); do echo $i; sleep 0.5; done', more },
  ]);

  const { status } = await ended(house, batch);

  expect(status).toBe('succeeded');
  for (const task of ['first', 'second']) {
    expect((await show(house, batch, task)).attempt_list.map((attempt) => attempt.class)).toEqual(['stuck', null]);
  }
  expect((await show(house, batch, 'talks')).attempt_list).toHaveLength(1);
  const levels = (await facts(house, batch, 'attempt.stuck')).map(({ data }) => (data as { level: string }).level);
  expect(levels).toEqual(['abort', 'abort']);
});

test('a device that is told to stop takes nothing new until it is told to resume', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '1x6144' });
  await house.json('devices', 'ls');
  const device = await until(
    async () => (await house.json<{ id: string }[]>('devices', 'ls')).find(({ id }) => id !== 'cpu')?.id ?? '',
    (id) => id !== '',
  );
  const stopped = await house.drover('devices', 'signal', device, 'stop');
  const batch = await submit(house, [{ id: 'job', class: 'script', command: 'true' }]);

  const held = await show(house, batch, 'job');
  const resumed = await house.drover('devices', 'signal', device, 'resume');

  expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining('takes nothing new') as string });
  expect(held.status).toBe('ready');
  expect(resumed.code).toBe(0);
  expect((await ended(house, batch)).status).toBe('succeeded');
});

test('a definition that a rule mends is one incident for all items, and a question when none does', async () => {
  await using house = await openHouse();
  const list = JSON.stringify({ items: Array.from({ length: 40 }, (_, index) => ({ id: `n${index}` })) });
  const files = { 'list.json': list, 'scripts/count.sh': 'echo "$1"\n' };
  const foreach = '{PLAN_PATH}/list.json:items';
  const batch = await submit(
    house,
    [
      { id: 'mended', foreach, command: '{PLAN_PATH}/scripts/count.sh {ITEM.id}' },
      { id: 'lost', foreach, command: 'no-such-program-anywhere {ITEM.id}', more: ['- **retries**: 0'] },
    ],
    files,
  );

  await ended(house, batch);

  expect((await facts(house, batch, 'incident.resolved')).map(({ data }) => data)).toMatchObject([
    { author: 'rule:execute-bit', revision: 1 },
  ]);
  expect(await facts(house, batch, 'incident.unfixable')).toHaveLength(1);
  const mended = await house.json<{ status: string }[]>('task', 'ls', '--batch', batch, '--state', 'succeeded');
  expect(mended).toHaveLength(40);
  const questions = await house.json<EscalationView[]>('escalations', 'ls');
  expect(questions).toMatchObject([{ kind: 'definition', task: 'lost' }]);
  const answered = await house.drover('escalations', 'answer', String(questions[0]?.id), 'leave');
  expect(answered).toMatchObject({ code: 0 });
  expect((await house.drover('escalations', 'answer', String(questions[0]?.id), 'leave')).code).toBe(5);
});

function readPids(batchPath: string): number[] {
  return ['own', 'child', 'left'].flatMap((name) => {
    const file = join(batchPath, `${name}.pid`);
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    return pid > 0 ? [pid] : [];
  });
}
