import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { BrainHouse } from '../../../test/support/brain-house.ts';
import { HOLD, SUCCEED } from '../../../test/support/fake-agents.ts';
import type { RunSummary } from '../../contract/index.ts';

const ECHO = [{ id: 'a', command: 'echo a' }];

function folderOf(plan: string, batchId: string): string {
  return join(plan, 'history', batchId);
}

function summaryIn(folder: string): RunSummary {
  return JSON.parse(readFileSync(join(folder, 'RUN_SUMMARY.json'), 'utf8')) as RunSummary;
}

function typesIn(folder: string): string[] {
  const lines = readFileSync(join(folder, 'batch_events.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { type: string }).type);
}

test('acceptance 14: a summary after success, failure, abort and interruption', async () => {
  await using house = await BrainHouse.open();
  house.agent.script = (grant) => (grant.attempt.task === 'b' ? { exitCode: 3 } : {});
  const plan = house.plan([...ECHO, { id: 'b', command: 'exit 3', dependsOn: 'a', more: ['- **retries**: 0'] }]);
  const good = house.plan(ECHO);

  const succeeded = await house.submit(good);
  await house.ended(succeeded);
  const failing = await house.submit(plan);
  await house.ended(failing);
  house.agent.script = HOLD;
  const killed = await house.submit(good);
  await house.fact('task.started', ({ subject }) => subject.includes(killed));
  await house.brain.kill(killed);
  house.agent.script = SUCCEED;
  await house.settleErrands();
  const interrupted = folderOf(good, succeeded);
  for (const name of readdirSync(interrupted).filter((each) => each.startsWith('RUN_SUMMARY'))) rmSync(join(interrupted, name)); // prettier-ignore
  await house.store.write(async (tx) => {
    await tx.db.deleteFrom('plan_run').where('batch_id', '=', succeeded).execute();
  });
  await house.settleErrands();
  await house.settleErrands();

  expect(summaryIn(interrupted)).toMatchObject({ status: 'succeeded', failures: [] });
  expect(summaryIn(folderOf(plan, failing))).toMatchObject({
    status: 'failed',
    failures: [{ task: 'b', class: 'exit_code', exit_code: 3 }],
  });
  expect(summaryIn(folderOf(good, killed))).toMatchObject({
    status: 'cancelled',
    interventions: [expect.stringMatching(/ killed$/)],
  });
  expect(typesIn(folderOf(good, killed)).at(-1)).toBe('batch.ended');
  expect(readFileSync(join(folderOf(good, killed), 'RUN_SUMMARY.md'), 'utf8')).toContain('## Interventions');
});

test('who follows a batch is told when its summary is there, and when it cannot be', async () => {
  await using house = await BrainHouse.open();
  const plan = house.plan(ECHO);

  const told = await house.submit(plan);
  const written = await house.fact('batch.summarised', ({ subject }) => subject.includes(told));
  house.agent.script = HOLD;
  const untold = await house.submit(plan);
  await house.fact('task.started', ({ subject }) => subject.includes(untold));
  mkdirSync(join(folderOf(plan, untold), 'RUN_SUMMARY.json'));
  await house.brain.kill(untold);
  const failed = await house.fact('batch.summarised', ({ subject }) => subject.includes(untold));

  expect(written.data).toEqual({ written: true });
  expect(await house.brain.showBatch(told, 0)).toMatchObject({ status: 'succeeded', summarised: true });
  expect(summaryIn(folderOf(plan, told)).status).toBe('succeeded');
  expect(failed.data).toEqual({ written: false });
  expect(await house.brain.showBatch(untold, 0)).toMatchObject({ status: 'cancelled', summarised: false });
});

test('the runs of a plan are rolled up by its name', async () => {
  await using house = await BrainHouse.open();
  const plan = house.plan(ECHO);
  for (let run = 0; run < 4; run += 1) await house.ended(await house.submit(plan));
  await house.settleErrands();

  const history = await house.brain.planHistory('test', 100);

  expect(history.runs).toHaveLength(4);
  expect(history.roll_up).toMatchObject({ runs: 4, succeeded: 4, success_rate: 1, steps: [{ step: 'a', runs: 4 }] });
  await expect(house.brain.planHistory('nothing', 100)).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND' });
});

test('only the newest runs stay whole; of older ones the summary stays, in the folder and in the roll-up', async () => {
  await using house = await BrainHouse.open();
  house.keepRuns = 1;
  const plan = house.plan(ECHO);
  const old = await house.submit(plan);
  await house.ended(old);
  const newest = await house.submit(plan);
  await house.ended(newest);
  await house.settleErrands();

  const trimmed = await house.fact('batch.trimmed');

  expect(trimmed).toMatchObject({ subject: `batch:${old}`, data: { kept: 1 } });
  expect(readdirSync(folderOf(plan, old)).toSorted()).toEqual(['RUN_SUMMARY.json', 'RUN_SUMMARY.md']);
  expect(existsSync(join(folderOf(plan, newest), 'batch_events.jsonl'))).toBe(true);
  expect(await house.brain.showBatch(old)).toMatchObject({ tasks: [], counts: { total: 1, succeeded: 1 } });
  await expect(house.brain.retry(old, { from: 'a' })).rejects.toMatchObject({ code: 'BATCH_STATE' });
  expect(await house.brain.summary(old)).toMatchObject({ batch_id: old });
  expect((await house.brain.planHistory('test', 10)).runs.map(({ trimmed: gone }) => gone)).toEqual([false, true]);
});

test('a batch that runs is never trimmed, however many came after it', async () => {
  await using house = await BrainHouse.open();
  house.keepRuns = 1;
  const plan = house.plan([{ id: 'a', command: 'echo a' }]);
  house.agent.script = HOLD;
  const running = await house.submit(plan);
  await house.fact('task.started');
  house.agent.script = SUCCEED;
  for (let run = 0; run < 2; run += 1) await house.ended(await house.submit(plan));
  await house.fact('batch.trimmed');

  expect((await house.brain.showBatch(running)).tasks).toHaveLength(1);
});

test('a plan that is edited while its batch runs is told of once', async () => {
  await using house = await BrainHouse.open();
  const plan = house.plan([{ id: 'a', command: 'bash {PLAN_PATH}/scripts/x.sh' }], { 'scripts/x.sh': 'true' });
  const calm = await house.submit(plan);
  await house.ended(calm);
  house.agent.script = HOLD;
  const batch = await house.submit(plan);
  await house.fact('task.started', ({ subject }) => subject.includes(batch));

  writeFileSync(join(plan, 'scripts/x.sh'), 'echo edited');
  await house.brain.kill(batch);
  await house.settleErrands();

  const told = house.facts.filter(({ type }) => type === 'plan.edited');
  expect(told.map(({ subject }) => subject)).toEqual([`batch:${batch}`]);
});
