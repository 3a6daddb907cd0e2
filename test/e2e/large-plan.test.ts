/** A plan of more tasks than a line of its stored text holds: kept packed, and read again by the next controller. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchDetailView, SubmitView, TaskDetailView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';

const TASKS = 1_100;

/** Long enough for the stored text to be packed: of each task its whole command is its own. */
function commandOf(at: number): string {
  return `echo ${at} ${(at * 7_919).toString(16)} >> runs.log; : ${'and so on '.repeat(30)}end`;
}

function largePlan(): string {
  const steps = Array.from({ length: TASKS }, (_, at) => ({
    id: `step-${at}`,
    command: commandOf(at),
  }));
  return planOf('large', [...steps, { id: 'end', command: 'wc -l < runs.log > count.txt', dependsOn: `step-${TASKS - 1}, step-0` }]); // prettier-ignore
}

test('a large plan goes on after kill -9 of the controller, every task once, each with its own command', async () => {
  await using house = await openHouse();
  const { batch_id: batchId } = await house.json<SubmitView>('submit', writePlan(house.home, largePlan()));
  const show = () => house.json<BatchDetailView>('batch', 'show', batchId);
  await until(show, ({ counts }) => counts.succeeded >= 20);

  await house.kill('controller');
  const ended = await until(show, ({ summarised }) => summarised);

  expect(ended).toMatchObject({ status: 'succeeded', counts: { total: TASKS + 1, succeeded: TASKS + 1 } });
  const ran = readFileSync(join(ended.path, 'runs.log'), 'utf8').trim().split('\n');
  expect(new Set(ran).size).toBe(TASKS);
  // an attempt may have been recorded, and the controller killed before it told the agent of it
  expect(ran.length).toBeLessThan(ended.tasks.reduce((sum, { attempts }) => sum + attempts, 0));
  const last = await house.json<TaskDetailView>('task', 'show', `${batchId}/step-${TASKS - 1}`);
  expect(last.command).toBe(commandOf(TASKS - 1));
});
