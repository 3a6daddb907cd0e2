/** The goal plan through the real command: to its target, to exhaustion, and cancelled and resumed. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type {
  BatchDetailView,
  BatchSummaryView,
  RunSummary,
  SubmitView,
  TaskDetailView,
} from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

const PLAN = 'examples/plans/goal';

function set(values: Readonly<Record<string, number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
}

async function run(house: House, values: Readonly<Record<string, number>>): Promise<SubmitView> {
  const { stdout } = await house.drover('submit', PLAN, ...set(values), '--wait', '--json');
  return JSON.parse(stdout) as SubmitView;
}

function endsOf(batch: BatchDetailView, step: string, status: string): number {
  return batch.tasks.filter((task) => task.id.startsWith(`${step}_`) && task.status === status).length;
}

test('the goal plan tries candidates until its target is reached, and fails when they run out', async () => {
  await using house = await openHouse();

  const reached = await run(house, { TARGET: 6 });
  const exhausted = await run(house, { TARGET: 6, CANDIDATES: 12 });

  expect(reached.status).toBe('succeeded');
  const found = await house.json<BatchDetailView>('batch', 'show', reached.batch_id);
  expect(endsOf(found, 'judge', 'succeeded')).toBe(6);
  expect(readdirSync(join(found.path, 'kept'))).toHaveLength(6);
  const tried = readdirSync(join(found.path, 'fetched')).length;
  const summary = await house.json<RunSummary>('batch', 'summary', reached.batch_id);
  expect(summary).toEqual(JSON.parse(readFileSync(join(found.path, 'RUN_SUMMARY.json'), 'utf8')));
  expect(summary).toMatchObject({ success_rate: 1, failures: [] });
  expect(summary.tasks.goal).toEqual({ target: 6, accepted: 6, rejected: tried - 6, tried });
  expect(tried).toBe(endsOf(found, 'judge', 'succeeded') + endsOf(found, 'judge', 'failed'));
  expect(tried).toBeLessThan(60);
  const judge = await house.json<TaskDetailView>('task', 'show', `${reached.batch_id}/judge`);
  expect(judge.depends_on).toEqual([{ on: 'fetch', condition: 'success' }]);
  expect(readFileSync(join(found.path, 'output/report.md'), 'utf8')).toContain(`# 6 found of ${tried} tried`);

  expect(exhausted.status).toBe('failed');
  const ended = await house.drover('why', `${exhausted.batch_id}/judge`);
  expect(ended.stdout).toContain('accepted after 12 candidates, and the list has no more');
});

test('a goal plan that is killed ends, and goes on where it was when a person resumes it', async () => {
  await using house = await openHouse();
  const values = set({ TARGET: 4, SECONDS: 1 });
  const { batch_id: id } = await house.json<SubmitView>('submit', PLAN, ...values);
  await until(
    () => house.json<BatchDetailView>('batch', 'show', id),
    (batch) => endsOf(batch, 'judge', 'failed') > 0,
  );

  const killed = await house.json<BatchSummaryView>('batch', 'kill', id);
  const again = await house.drover('batch', 'pause', id);
  const resumed = await house.json<BatchSummaryView>('batch', 'resume', id);

  expect(killed.status).toBe('cancelled');
  expect({ code: again.code, stderr: again.stderr }).toEqual({
    code: 5,
    stderr: expect.stringContaining('BATCH_STATE'),
  });
  expect(resumed.status).toBe('running');
  expect((await house.drover('batch', 'watch', id)).code).toBe(0);
  const ended = await house.json<BatchDetailView>('batch', 'show', id);
  expect(endsOf(ended, 'judge', 'succeeded')).toBe(4);
});
