/** An agent that stands still for longer than its lease: what it held is given to others, and what it says late is fenced. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchDetailView, FactView, SubmitView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';

test('the late results of an agent that stood still until it was given up are fenced, and its tasks run once more', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '2x6144' });
  const wait = 'until [ -e go ]; do sleep 0.1; done';
  const tasks = ['a', 'b'].map((id) => ({
    id,
    class: 'script',
    command: `echo "$DROVER_ATTEMPT" >> runs-${id}.log; ${wait}`,
  }));
  const { batch_id: id } = await house.json<SubmitView>('submit', writePlan(house.home, planOf('still', tasks)));
  const show = (): Promise<BatchDetailView> => house.json<BatchDetailView>('batch', 'show', id);
  const { path } = await until(show, ({ counts }) => counts.running === tasks.length);

  const agent = house.pidOf('agent');
  process.kill(agent, 'SIGSTOP');
  writeFileSync(join(path, 'go'), '');
  const facts = async (): Promise<FactView[]> =>
    (await house.drover('events')).stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as FactView);
  await until(facts, (all) => all.some(({ type }) => type === 'agent.lost'));
  process.kill(agent, 'SIGCONT');
  const ended = await until(show, ({ status }) => status !== 'running');

  expect(ended).toMatchObject({ status: 'succeeded', counts: { succeeded: tasks.length } });
  expect(ended.tasks.map(({ attempts }) => attempts)).toEqual([2, 2]);
  const all = await facts();
  const fenced = all.filter(({ type }) => type === 'attempt.fenced');
  const told = all.map(({ type }) => type).filter((type) => type === 'agent.suspected' || type === 'agent.lost');
  expect(told).toEqual(['agent.suspected', 'agent.lost']);
  expect(fenced.map(({ subject }) => subject).toSorted()).toEqual([`task:${id}/a`, `task:${id}/b`]);
  for (const task of ['a', 'b']) {
    const runs = readFileSync(join(ended.path, `runs-${task}.log`), 'utf8')
      .trim()
      .split('\n');
    expect(runs).toEqual([`${id}/${task}#1`, `${id}/${task}#2`]);
  }
});
