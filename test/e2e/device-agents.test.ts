/**
 * Device agents on a simulated rig, through the whole house: how scripts are packed, what is learned of them, and what
 * becomes of work when a card gets hot, is lost, leaks, or is kept for something else.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchDetailView, DeviceView, FactView, SubmitView, TaskDetailView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';
import type { TaskLines } from '../support/plans.ts';

const MIB = 1024 ** 2;
const CARD_MB = 6144;
const BUDGET_MB = Math.floor(CARD_MB * 0.8);

async function submit(house: House, name: string, tasks: readonly TaskLines[]): Promise<string> {
  const folder = writePlan(house.home, planOf(name, tasks));
  return (await house.json<SubmitView>('submit', folder)).batch_id;
}

const show = (house: House, id: string): Promise<BatchDetailView> => house.json<BatchDetailView>('batch', 'show', id);

const ended = (house: House, id: string): Promise<BatchDetailView> =>
  until(
    () => show(house, id),
    ({ status }) => status !== 'running',
  );

async function facts(house: House): Promise<FactView[]> {
  const { stdout } = await house.drover('events');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FactView);
}

async function device(house: House, id: string): Promise<DeviceView | undefined> {
  return (await house.json<DeviceView[]>('devices', 'ls')).find((each) => each.id === id);
}

/** Plays the sensors of a simulated card. */
function play(house: House, card: string, script: object): void {
  mkdirSync(join(house.home, 'simulated', card), { recursive: true });
  writeFileSync(join(house.home, 'simulated', card, 'card.json'), JSON.stringify(script));
}

const becomes = (house: House, id: string, condition: string): Promise<DeviceView | undefined> =>
  until(
    () => device(house, id),
    (found) => found?.condition === condition,
  );

interface Run {
  readonly card: string;
  readonly megabytes: number;
  readonly from: number;
  readonly to: number;
}

/** A command that notes when it was on which card: by its own clock, since its end is heard of some time later. */
function noted(megabytes: number, command: string): string {
  return `from=$(date +%s%3N); ${command}; echo "$DROVER_DEVICE ${megabytes} $from $(date +%s%3N)" >> runs.log`;
}

function runsOf({ path }: BatchDetailView): Run[] {
  const lines = readFileSync(join(path, 'runs.log'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [card = '', ...numbers] = line.split(' ');
    const [megabytes = 0, from = 0, to = 0] = numbers.map(Number);
    return { card, megabytes, from, to };
  });
}

/** What was reserved on the card of a run at the moment it began. */
function heldAt(run: Run, runs: readonly Run[]): number {
  const there = runs.filter(({ card, from, to }) => card === run.card && from <= run.from && run.from < to);
  return there.reduce((sum, { megabytes }) => sum + megabytes, 0);
}

function mostAtOnce(runs: readonly Run[]): number {
  return Math.max(...runs.map((run) => runs.filter(({ from, to }) => from <= run.from && run.from < to).length));
}

test('scripts of many sizes fill five cards, and never beyond what tasks may reserve there', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: `5x${CARD_MB}` });
  const sizes = [700, 1500, 2500, 4200];
  const list = `node -e 'console.log(JSON.stringify({items: Array.from({length: 15}, (_, id) => ({id}))}))' > items.json`;
  const steps = sizes.map((size) => ({
    id: `s${size}`,
    class: 'script',
    foreach: '{BATCH_PATH}/items.json:items',
    dependsOn: 'list',
    command: noted(size, 'sleep 1'),
    more: [`- **vram_estimate_mb**: ${size}`],
  }));

  const id = await submit(house, 'mixed', [{ id: 'list', command: list }, ...steps]);
  const done = await ended(house, id);

  const runs = runsOf(done);
  expect(done).toMatchObject({ status: 'succeeded' });
  expect(runs).toHaveLength(60);
  expect(new Set(runs.map(({ card }) => card)).size).toBe(5);
  expect(runs.filter((run) => heldAt(run, runs) > BUDGET_MB)).toEqual([]);
  expect(Math.max(...runs.map((run) => heldAt(run, runs)))).toBeGreaterThan(BUDGET_MB * 0.8);
});

test('a script that says nothing is charged with what earlier attempts were seen to use', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: `1x${CARD_MB}` });
  const list = `node -e 'console.log(JSON.stringify({items: Array.from({length: 12}, (_, id) => ({id}))}))' > items.json`;
  const hold = {
    id: 'hold',
    class: 'script',
    foreach: '{BATCH_PATH}/items.json:items',
    dependsOn: 'list',
    command: noted(300, 'echo 300 > "$DROVER_SIMULATED_MEMORY_FILE"; sleep "$(cat "$DROVER_HOME/seconds")"'),
  };
  const run = async (seconds: number): Promise<{ most: number; task: TaskDetailView }> => {
    mkdirSync(house.home, { recursive: true });
    writeFileSync(join(house.home, 'seconds'), String(seconds));
    const id = await submit(house, 'held', [{ id: 'list', command: list }, hold]);
    const done = await ended(house, id);
    expect(done).toMatchObject({ status: 'succeeded' });
    return { most: mostAtOnce(runsOf(done)), task: await house.json<TaskDetailView>('task', 'show', `${id}/hold_1`) };
  };

  const first = await run(2);
  // Long enough for all of them to have begun before one ends.
  const second = await run(8);

  expect(first.task.attempt_list[0]?.peak_memory_bytes).toBe(300 * MIB);
  expect(second.most).toBeGreaterThan(8);
});

test('a hot card pauses what may be paused, takes nothing new but cpu work, says so, and recovers', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: `1x${CARD_MB}` });
  const patient = await submit(house, 'patient', [
    {
      id: 'p',
      class: 'script',
      command: 'until [ -e go ]; do sleep 0.1; done',
      more: ['- **pausable**: true'],
    },
  ]);
  const { path } = await until(
    () => show(house, patient),
    ({ counts }) => counts.running === 1,
  );

  play(house, 'sim0', { temperature_c: 91 });
  const hot = await becomes(house, 'sim0', 'constrained');
  await until(
    () => facts(house),
    (all) => all.some(({ type, subject }) => type === 'task.paused' && subject === `task:${patient}/p`),
  );
  const other = await submit(house, 'other', [
    { id: 'c', command: 'true' },
    { id: 's', class: 'script', command: 'true' },
  ]);
  const waiting = await until(
    () => show(house, other),
    ({ tasks }) => tasks.some(({ id, status }) => id === 'c' && status === 'succeeded'),
  );
  const listed = await house.drover('devices', 'ls');
  const why = await house.drover('why', `${other}/s`);
  play(house, 'sim0', { temperature_c: 60 });
  const resumed = await until(
    async () => (await facts(house)).filter(({ type }) => type === 'task.resumed'),
    ({ length }) => length > 0,
  );
  writeFileSync(join(path, 'go'), '');

  expect(hot?.why).toContain('too hot for new tasks (91 °C)');
  expect(waiting.tasks.find(({ id }) => id === 's')?.status).toBe('ready');
  expect(listed.stdout).toContain('sim0 is constrained: too hot');
  expect(why.stdout).toContain('sim0 constrained: too hot');
  expect(await ended(house, other)).toMatchObject({ status: 'succeeded' });
  expect(await ended(house, patient)).toMatchObject({ status: 'succeeded' });
  expect(resumed).toHaveLength(1);
});

test('work on a card that is lost goes to another at no cost, and the card is taken in when it is back', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: `2x${CARD_MB}` });
  const id = await submit(house, 'moved', [
    {
      id: 'm',
      class: 'script',
      command: 'echo "$DROVER_DEVICE" >> where; test "${DROVER_ATTEMPT##*#}" -gt 1 || sleep 300',
      more: ['- **retries**: 0'],
    },
  ]);
  const running = await until(
    () => show(house, id),
    ({ counts }) => counts.running === 1,
  );
  const card = running.tasks[0]?.device ?? '';

  play(house, card, { gone: true });
  const done = await ended(house, id);
  const task = await house.json<TaskDetailView>('task', 'show', `${id}/m`);
  const lost = await device(house, card);
  play(house, card, {});

  expect(done.status).toBe('succeeded');
  expect(task.attempt_list).toMatchObject([
    { device: card, status: 'failed', class: 'infrastructure', reason: `${card} was lost` },
    { status: 'succeeded' },
  ]);
  expect(task.device).not.toBe(card);
  expect(lost).toMatchObject({ condition: 'lost', why: 'its driver does not answer for it any more' });
  expect(await becomes(house, card, 'normal')).toBeDefined();
});

test('a card that does not give memory back is quarantined until it is released', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: `1x${CARD_MB}` });
  const id = await submit(house, 'leak', [
    { id: 'l', class: 'script', command: 'echo "3000 stays" > "$DROVER_SIMULATED_MEMORY_FILE"; sleep 8' },
  ]);
  expect(await ended(house, id)).toMatchObject({ status: 'succeeded' });

  const held = await becomes(house, 'sim0', 'quarantined');
  const told = (await facts(house)).find(({ type }) => type === 'device.held');
  rmSync(join(house.home, 'simulated', 'sim0'), { recursive: true });
  const released = await house.drover('devices', 'release', 'sim0');
  const next = await submit(house, 'next', [{ id: 'n', class: 'script', command: 'true' }]);

  expect(held?.why).toContain(`did not come back after ${id}/l#1 ended`);
  expect(told).toMatchObject({ data: { kind: 'quarantined', by: 'agent', until: null } });
  expect(released).toMatchObject({ code: 0 });
  expect(await ended(house, next)).toMatchObject({ status: 'succeeded' });
});

test('roles and reservations keep work away, over restarts, and a reservation ends by itself', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: `2x${CARD_MB}` });
  await until(
    () => device(house, 'sim1'),
    (found) => found !== undefined,
  );

  expect(await house.drover('devices', 'roles', 'sim0', 'instances')).toMatchObject({ code: 0 });
  expect(await house.drover('devices', 'reserve', 'sim1', '--for', '1h', '--reason', 'a game')).toMatchObject({
    code: 0,
  });
  await house.kill('agent', 'controller');
  const id = await submit(house, 'kept', [{ id: 's', class: 'script', command: 'echo "$DROVER_DEVICE" > where' }]);
  const why = await until(
    () => house.drover('why', `${id}/s`),
    ({ stdout }) => stdout.includes('a game'),
  );
  await house.drover('devices', 'reserve', 'sim1', '--for', '2s', '--reason', 'a game');
  const done = await ended(house, id);

  expect(why.stdout).toContain('sim0 it takes no tasks (its roles: instances); sim1 reserved: a game');
  expect(done).toMatchObject({ status: 'succeeded', tasks: [{ device: 'sim1' }] });
  expect((await house.drover('devices', 'release', 'sim1')).code).toBe(2);
  expect((await house.drover('devices', 'release', 'sim9')).code).toBe(3);
});
