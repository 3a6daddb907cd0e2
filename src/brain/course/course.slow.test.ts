/** Pause, resume and retry over a real store: what runs, what does not, and what runs again. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { BrainHouse, until } from '../../../test/support/brain-house.ts';
import { describeStore } from '../../../test/support/describe-store.ts';
import type { StoreOpener } from '../../../test/support/describe-store.ts';
import { HOLD, SUCCEED } from '../../../test/support/fake-agents.ts';

async function houseOver(open: StoreOpener, cores = 2): Promise<BrainHouse> {
  return BrainHouse.open({ store: await open(), clock: open.clock, cores });
}

async function statesOf(house: BrainHouse, batch: string): Promise<Record<string, string>> {
  const { tasks } = await house.brain.showBatch(batch);
  return Object.fromEntries(tasks.map(({ id, status }) => [id, status]));
}

function failing(house: BrainHouse, ...bad: readonly string[]): void {
  house.agent.script = ({ attempt }) => (bad.includes(attempt.task) ? { exitCode: 127 } : {});
}

/** Tasks that ran, in order, from now on. */
function ranFrom(house: BrainHouse): () => string[] {
  const before = house.agent.ran.length;
  return () => house.agent.ran.slice(before).map(({ attempt }) => attempt.task);
}

/** Resolves with the status of the batch once it has ended for the second time. */
async function endedAgain(house: BrainHouse, batch: string): Promise<string> {
  const ends = (): number =>
    house.facts.filter(({ type, subject }) => type === 'batch.ended' && subject === `batch:${batch}`).length;
  await until(() => ends() === 2);
  return (await house.brain.showBatch(batch)).status;
}

const CHAIN = [
  { id: 'a', command: 'true' },
  { id: 'b', command: 'true', dependsOn: 'a' },
  { id: 'c', command: 'true', dependsOn: 'b' },
  { id: 'd', command: 'true' },
  { id: 'sweep', command: 'true', dependsOn: 'done(b)' },
];

const PIPELINE = [
  { id: 'first', command: 'true', foreach: '{PLAN_PATH}/scripts/list.json:.' },
  { id: 'second', command: 'true', dependsOn: 'first_{ITEM.id}', foreach: '{PLAN_PATH}/scripts/list.json:.' },
  { id: 'report', command: 'true', dependsOn: 'second' },
];
const LIST = { 'scripts/list.json': '[{"id":"x"},{"id":"y"},{"id":"z"}]' };

describeStore('the course of a batch', (open) => {
  test('while a batch is paused what runs goes on and nothing new starts, also after a restart', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(CHAIN));
    await until(() => house.agent.live().length === 2);

    expect((await house.brain.pause(batch)).status).toBe('paused');
    house.agent.script = SUCCEED;
    const ran = ranFrom(house);
    for (const grant of house.agent.live()) house.agent.finish(grant);
    await house.fact('task.released', ({ subject }) => subject === `task:${batch}/b`);
    await house.restart();
    await house.agent.connect(house.brain);

    const { reason, status } = await house.brain.showTask(batch, 'b');
    expect({ status, reason }).toEqual({
      status: 'ready',
      reason: `its batch is paused: drover batch resume ${batch}`,
    });
    expect(ran()).toEqual([]);
    await house.brain.resume(batch);
    expect(await house.ended(batch)).toBe('succeeded');
    expect(ran().toSorted()).toEqual(['b', 'c', 'sweep']);
  });

  test('a pause of one batch lets others run, and a kill ends it', async () => {
    await using house = await houseOver(open);
    const folder = house.plan(CHAIN);
    house.agent.script = HOLD;
    const paused = await house.submit(folder);
    await house.brain.pause(paused);
    house.agent.script = SUCCEED;

    expect(await house.ended(await house.submit(folder))).toBe('succeeded');
    expect((await house.brain.kill(paused)).status).toBe('cancelled');
    await expect(house.brain.pause(paused)).rejects.toMatchObject({ code: 'BATCH_STATE' });
  });

  test('acceptance 15: a killed batch stays killed, also after a restart, unless a person resumes it', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const folder = house.plan(CHAIN);
    const batch = await house.submit(folder);
    const other = await house.submit(folder);
    await until(() => house.agent.live().length > 0);

    await house.brain.kill(batch);
    house.agent.script = SUCCEED;
    for (const grant of house.agent.live()) house.agent.finish(grant);
    await house.restart();
    await house.agent.connect(house.brain);

    expect(await house.ended(other)).toBe('succeeded');
    expect((await house.brain.showBatch(batch)).counts).toMatchObject({ cancelled: 5, total: 5 });
    await house.brain.resume(batch);
    expect(await endedAgain(house, batch)).toBe('succeeded');
    expect((await house.brain.showTask(batch, 'a')).attempts).toBe(2);
  });

  test('a resume runs what has not succeeded, and nothing else', async () => {
    await using house = await houseOver(open);
    failing(house, 'b');
    const batch = await house.submit(house.plan(CHAIN));
    expect(await house.ended(batch)).toBe('failed');
    const ran = ranFrom(house);
    house.agent.script = SUCCEED;

    await house.brain.resume(batch);
    expect(await endedAgain(house, batch)).toBe('succeeded');

    expect(ran()).toEqual(['b', 'c']);
    await expect(house.brain.resume(batch)).rejects.toMatchObject({ code: 'BATCH_STATE' });
  });

  test('a retry of what failed runs with it all that depends on it', async () => {
    await using house = await houseOver(open);
    failing(house, 'b');
    const batch = await house.submit(house.plan(CHAIN));
    await house.ended(batch);
    const ran = ranFrom(house);
    house.agent.script = SUCCEED;

    await house.brain.retry(batch, { failed: true });
    expect(await endedAgain(house, batch)).toBe('succeeded');

    expect(ran().toSorted()).toEqual(['b', 'c', 'sweep']);
  });

  test('a retry from a task runs it and what follows from it', async () => {
    await using house = await houseOver(open);
    const batch = await house.submit(house.plan(CHAIN));
    await house.ended(batch);
    const ran = ranFrom(house);

    await house.brain.retry(batch, { from: 'b' });
    expect(await endedAgain(house, batch)).toBe('succeeded');

    expect(ran().toSorted()).toEqual(['b', 'c', 'sweep']);
    await expect(house.brain.retry(batch, { from: 'nobody' })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    await expect(house.brain.retry(batch, { failed: true })).rejects.toMatchObject({ code: 'BATCH_STATE' });
  });

  test('a retry of items runs them through all their steps, and what waits for the whole', async () => {
    await using house = await houseOver(open);
    const batch = await house.submit(house.plan(PIPELINE, LIST));
    await house.ended(batch);
    const ran = ranFrom(house);

    await house.brain.retry(batch, { items: ['x', 'z'] });
    expect(await endedAgain(house, batch)).toBe('succeeded');

    expect(ran().toSorted()).toEqual(['first_x', 'first_z', 'report', 'second_x', 'second_z']);
  });

  test('a batch whose items failed is resumed where they failed', async () => {
    await using house = await houseOver(open);
    failing(house, 'first_y');
    const batch = await house.submit(house.plan(PIPELINE, LIST));
    expect(await house.ended(batch)).toBe('failed');
    expect(await statesOf(house, batch)).toMatchObject({ first_y: 'failed', second_y: 'aborted', report: 'aborted' });
    const ran = ranFrom(house);
    house.agent.script = SUCCEED;

    await house.brain.resume(batch);
    expect(await endedAgain(house, batch)).toBe('succeeded');

    expect(ran()).toEqual(['first_y', 'second_y', 'report']);
  });

  test('a list that could not be read is read anew', async () => {
    await using house = await houseOver(open);
    const batch = await house.submit(
      house.plan([{ id: 'each', command: 'true', foreach: 'list.json:.', more: ['- **retries**: 0'] }]),
    );
    expect(await house.ended(batch)).toBe('failed');
    writeFileSync(join((await house.brain.showBatch(batch)).path, 'list.json'), '["x"]');

    await house.brain.retry(batch, {});

    expect(await endedAgain(house, batch)).toBe('succeeded');
  });

  test('RUN_MODE=resume of old plans means the batch that RESUME_BATCH_ID names', async () => {
    await using house = await houseOver(open);
    failing(house, 'b');
    const folder = house.plan(CHAIN);
    const batch = await house.submit(folder);
    await house.ended(batch);
    house.agent.script = SUCCEED;
    const config = { RUN_MODE: 'resume', RESUME_BATCH_ID: batch };

    const result = await house.brain.submit(house.request(folder, { config }));

    expect(result).toMatchObject({ kind: 'accepted', created: false, view: { batch_id: batch } });
    const other = house.plan(CHAIN);
    await expect(house.brain.submit(house.request(other, { config }))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    const never = house.request(folder, { config: { RUN_MODE: 'again' } });
    await expect(house.brain.submit(never)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});

test('a batch that was killed amid a long list makes the rest of it after a resume', async () => {
  await using house = await BrainHouse.open({ cores: 4 });
  const items = JSON.stringify(Array.from({ length: 700 }, (_, index) => index));
  house.agent.script = ({ attempt }) => (attempt.task === 'each_100' ? 'hold' : {});
  const folder = house.plan([{ id: 'each', command: 'true', foreach: '{PLAN_PATH}/scripts/list.json:.' }], {
    'scripts/list.json': items,
  });
  const batch = await house.submit(folder);
  await until(() => house.agent.ran.some(({ attempt }) => attempt.task === 'each_100'));
  await house.brain.kill(batch);
  house.agent.script = SUCCEED;

  await house.brain.resume(batch);
  expect(await endedAgain(house, batch)).toBe('succeeded');

  expect((await house.brain.showBatch(batch)).counts).toMatchObject({ total: 700, succeeded: 700 });
}, 60_000);
