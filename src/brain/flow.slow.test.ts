/** Conditions, tolerance, pipelines over one list and goals: what becomes of the tasks of a batch, over a real store. */

import { expect, test } from 'vitest';

import { BrainHouse, until } from '../../test/support/brain-house.ts';
import { describeStore } from '../../test/support/describe-store.ts';
import type { StoreOpener } from '../../test/support/describe-store.ts';
import { HOLD } from '../../test/support/fake-agents.ts';
import { writePlan } from '../../test/support/plans.ts';
import { listTasks } from '../store/index.ts';
import { WINDOW } from './release/release.ts';

async function houseOver(open: StoreOpener, cores = 2): Promise<BrainHouse> {
  return BrainHouse.open({ store: await open(), clock: open.clock, cores });
}

function numbered(count: number): { readonly id: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `n${index}` }));
}

/** Every attempt ends well, except those of tasks that the test names. */
function failing(house: BrainHouse, isBad: (task: string) => boolean): void {
  house.agent.script = (grant) => (isBad(grant.attempt.task) ? { exitCode: 127 } : {});
}

async function statesOf(house: BrainHouse, batch: string): Promise<Record<string, string>> {
  const { tasks } = await house.brain.showBatch(batch);
  return Object.fromEntries(tasks.map(({ id, status }) => [id, status]));
}

const DECIDE = `# Plan: gate

## Tasks

### judge
- **type**: decide
- **model**: demo
- **options**: yes, no
- **depends_on**: none
- **timeout**: 1m

~~~prompt
Is it worth it?
~~~

### go
- **task_class**: cpu
- **command**: \`true\`
- **when**: judge == yes
- **timeout**: 1m

### stay
- **task_class**: cpu
- **command**: \`true\`
- **when**: judge != yes
- **timeout**: 1m

### after
- **task_class**: cpu
- **command**: \`true\`
- **depends_on**: stay
- **timeout**: 1m

### always
- **task_class**: cpu
- **command**: \`true\`
- **depends_on**: done(stay)
- **timeout**: 1m
`;

describeStore('the flow of a batch', (open) => {
  test('a task whose condition does not hold is skipped, and what plainly depends on it', async () => {
    await using house = await houseOver(open);
    const said = { tokensIn: 1, tokensOut: 1, instance: 'demo-0', device: 'cpu' };
    house.inference.answer = () => ({ kind: 'done', text: 'yes', ...said });

    const batch = await house.submit(writePlan(house.home, DECIDE));

    expect(await house.ended(batch)).toBe('succeeded');
    expect(await statesOf(house, batch)).toEqual({
      judge: 'succeeded',
      go: 'succeeded',
      stay: 'skipped',
      after: 'skipped',
      always: 'succeeded',
    });
    expect((await house.brain.showTask(batch, 'stay')).reason).toBe('judge answered "yes"');
    expect((await house.brain.showTask(batch, 'after')).reason).toBe('stay was skipped');
  });

  test('a group passes with as many failed items as it tolerates, and the batch with it', async () => {
    await using house = await houseOver(open);
    failing(house, (task) => task === 'each_n3');
    const files = { 'scripts/list.json': JSON.stringify(numbered(10)) };
    const foreach = '{PLAN_PATH}/scripts/list.json:.';
    const folder = house.plan(
      [
        { id: 'each', command: 'true', foreach, more: ['- **tolerance**: 10%'] },
        { id: 'combine', command: 'true', dependsOn: 'each' },
        { id: 'noted', command: 'true', dependsOn: 'each, failed(each_{ITEM.id})', foreach },
      ],
      files,
    );

    const batch = await house.submit(folder);

    expect(await house.ended(batch)).toBe('succeeded');
    const states = await statesOf(house, batch);
    expect(states).toMatchObject({
      each_n3: 'failed',
      combine: 'succeeded',
      noted_n3: 'succeeded',
      noted_n4: 'skipped',
    });
  });

  test('what pairs with a failed item is aborted although its group passes', async () => {
    await using house = await houseOver(open);
    failing(house, (task) => task === 'first_n1');
    const foreach = '{PLAN_PATH}/scripts/list.json:.';
    const tolerance = '- **tolerance**: 1';
    const folder = house.plan(
      [
        { id: 'first', command: 'true', foreach, more: [tolerance] },
        { id: 'second', command: 'true', dependsOn: 'first_{ITEM.id}', foreach, more: [tolerance] },
        { id: 'clean', command: 'true', dependsOn: 'done(first_{ITEM.id})', foreach },
      ],
      { 'scripts/list.json': JSON.stringify(numbered(3)) },
    );

    const batch = await house.submit(folder);

    expect(await house.ended(batch)).toBe('succeeded');
    expect(await statesOf(house, batch)).toMatchObject({
      second_n1: 'aborted',
      second_n2: 'succeeded',
      clean_n1: 'succeeded',
    });
  });

  test('a group with more failed items than it tolerates fails the batch', async () => {
    await using house = await houseOver(open);
    failing(house, (task) => task === 'each_n1' || task === 'each_n2');
    const folder = house.plan(
      [{ id: 'each', command: 'true', foreach: '{PLAN_PATH}/scripts/list.json:.', more: ['- **tolerance**: 1'] }],
      { 'scripts/list.json': JSON.stringify(numbered(4)) },
    );

    expect(await house.ended(await house.submit(folder))).toBe('failed');
  });

  test('templates that pair over a list of thousands run in a window, in any order of their lists', async () => {
    await using house = await houseOver(open, 64);
    const items = numbered(2_000);
    const lists = {
      'scripts/list.json': JSON.stringify(items),
      'scripts/turned.json': JSON.stringify(items.toReversed()),
    };
    const foreach = '{PLAN_PATH}/scripts/list.json:.';
    const folder = house.plan(
      [
        { id: 'a', command: 'true', foreach },
        { id: 'b', command: 'true', dependsOn: 'a_{ITEM.id}', foreach },
        { id: 'c', command: 'true', dependsOn: 'b_{ITEM.id}', foreach: '{PLAN_PATH}/scripts/turned.json:.' },
      ],
      lists,
    );

    const batch = await house.submit(folder);

    expect(await house.ended(batch)).toBe('succeeded');
    const ran = house.agent.ran.map(({ attempt }) => attempt.task);
    expect(new Set(ran).size).toBe(6_000);
    expect(ran).toHaveLength(6_000);
    expect(ran.indexOf('b_n0')).toBeLessThan(ran.indexOf('a_n1999'));
    const place = new Map(ran.map((task, index) => [task, index]));
    const late = items.filter(({ id }) => (place.get(`b_${id}`) ?? 0) < (place.get(`a_${id}`) ?? 0));
    expect(late).toEqual([]);
  }, 60_000);
});

describeStore('long lists', (open) => {
  test('a hundred thousand items in two templates that pair are a thousand rows', async () => {
    await using house = await houseOver(open, 4);
    house.agent.script = HOLD;
    const foreach = '{PLAN_PATH}/scripts/list.json:.';
    const folder = house.plan(
      [
        { id: 'a', command: 'true', foreach },
        { id: 'b', command: 'true', dependsOn: 'a_{ITEM.id}', foreach },
      ],
      { 'scripts/list.json': JSON.stringify(numbered(100_000)) },
    );

    const batch = await house.submit(folder);
    await house.fact('task.expanded', (fact) => fact.subject === `task:${batch}/b`);
    await until(() => house.agent.live().length > 0);

    expect((await house.store.read((db) => listTasks(db, batch))).length).toBe(2 + 2 * WINDOW);
    expect((await house.brain.showBatch(batch)).counts.total).toBe(200_000);
  }, 60_000);
});

const GOAL = (target: number, extra = ''): string => `# Plan: hunt

## Objective
Find enough.

## Goal
- **type**: target_count
- **target**: ${target}
- **tracked_task**: check
${extra}
## Tasks

### fetch
- **task_class**: cpu
- **foreach**: {PLAN_PATH}/scripts/list.json:.
- **command**: \`true\`
- **retries**: 0
- **timeout**: 1m

### check
- **task_class**: cpu
- **foreach**: {PLAN_PATH}/scripts/list.json:.
- **command**: \`true\`
- **depends_on**: fetch_{ITEM.id}
- **retries**: 0
- **timeout**: 1m

### store
- **task_class**: cpu
- **foreach**: {PLAN_PATH}/scripts/list.json:.
- **command**: \`true\`
- **depends_on**: check_{ITEM.id}
- **timeout**: 1m

### report
- **task_class**: cpu
- **command**: \`true\`
- **depends_on**: check, store
- **timeout**: 1m
`;

function hunt(house: BrainHouse, target: number, candidates: number, extra = ''): string {
  return writePlan(house.home, GOAL(target, extra), { 'scripts/list.json': JSON.stringify(numbered(candidates)) });
}

/** Every third candidate is accepted. */
const isRejected = (task: string): boolean => task.startsWith('check_n') && Number(task.slice(7)) % 3 !== 0;

function rowsOf(states: Readonly<Record<string, string>>, prefix: string, wanted?: string): number {
  return Object.entries(states).filter(([id, state]) => id.startsWith(prefix) && state === (wanted ?? state)).length;
}

/** Resolves with the status of the batch once it has ended for the second time. */
async function endedAgain(house: BrainHouse, batch: string): Promise<string> {
  const ends = (): number =>
    house.facts.filter(({ type, subject }) => type === 'batch.ended' && subject === `batch:${batch}`).length;
  await until(() => ends() === 2);
  return (await house.brain.showBatch(batch)).status;
}

function ranTimes(house: BrainHouse, task: string): number {
  return house.agent.ran.filter(({ attempt }) => attempt.task === task).length;
}

describeStore('a plan with a goal', (open) => {
  test('tries candidates until the target is reached, never more at once than are wanted', async () => {
    await using house = await houseOver(open, 8);
    let inFlight = 0;
    let accepted = 0;
    const sums: number[] = [];
    house.agent.script = (grant) => {
      if (grant.attempt.task.startsWith('fetch_')) inFlight += 1;
      sums.push(inFlight + accepted);
      if (!grant.attempt.task.startsWith('check_')) return {};
      inFlight -= 1;
      if (isRejected(grant.attempt.task)) return { exitCode: 1 };
      accepted += 1;
      return {};
    };

    const batch = await house.submit(hunt(house, 5, 1_000));

    expect(await house.ended(batch)).toBe('succeeded');
    expect(Math.max(...sums)).toBeLessThanOrEqual(5);
    const states = await statesOf(house, batch);
    const succeeded = Object.entries(states).filter(([, state]) => state === 'succeeded');
    expect(succeeded.filter(([id]) => id.startsWith('check_'))).toHaveLength(5);
    expect(succeeded.filter(([id]) => id.startsWith('store_'))).toHaveLength(5);
    expect(states['report']).toBe('succeeded');
    const check = await house.fact('task.succeeded', (fact) => fact.subject === `task:${batch}/check`);
    expect(check).toBeDefined();
    const { counts } = await house.brain.showBatch(batch);
    const [tried, rejected] = [rowsOf(states, 'check_'), rowsOf(states, 'check_', 'failed')];
    expect(counts.goal).toEqual({ target: 5, accepted: 5, rejected, tried });
    expect(counts).toMatchObject({ failed: 0, aborted: 0, rejected: 2 * rejected, total: 3 * tried + 1 });
  });

  test('fails with the count when the list is at its end', async () => {
    await using house = await houseOver(open, 8);
    failing(house, isRejected);

    const batch = await house.submit(hunt(house, 50, 30));

    expect(await house.ended(batch)).toBe('failed');
    const failed = await house.fact('task.failed', (fact) => fact.subject === `task:${batch}/check`);
    expect(failed.data.reason).toBe(
      'the goal was not reached: 10 of 50 accepted after 30 candidates, and the list has no more',
    );
    expect(await statesOf(house, batch)).toMatchObject({ report: 'aborted' });
  });

  test('gives up after as many candidates as its limit allows, and is content with its tolerance', async () => {
    await using house = await houseOver(open, 8);
    failing(house, isRejected);

    const limited = await house.submit(hunt(house, 4, 100, '- **max_attempts_multiplier**: 2\n'));
    const content = await house.submit(hunt(house, 4, 100, '- **max_attempts_multiplier**: 2\n- **tolerance**: 1\n'));

    expect(await house.ended(limited)).toBe('failed');
    expect(await house.ended(content)).toBe('succeeded');
    const failed = await house.fact('task.failed', (fact) => fact.subject === `task:${limited}/check`);
    expect(failed.data.reason).toContain('3 of 4 accepted after 8 candidates, and 8 is the limit');
  });

  test('when it is resumed after its limit it tells of the candidates that it tried, not of all in the list', async () => {
    await using house = await houseOver(open, 8);
    failing(house, isRejected);
    const batch = await house.submit(hunt(house, 4, 100, '- **max_attempts_multiplier**: 2\n'));
    await house.ended(batch);
    const { seq } = await house.fact('batch.ended', (fact) => fact.subject === `batch:${batch}`);

    await house.brain.resume(batch);

    await house.fact('batch.ended', (fact) => fact.subject === `batch:${batch}` && fact.seq > seq);
    const { reason } = await house.brain.showTask(batch, 'check');
    expect(reason).toBe('the goal was not reached: 3 of 4 accepted after 8 candidates, and 8 is the limit');
  });

  test('has nothing to retry once it is reached: what was turned down is no failure', async () => {
    await using house = await houseOver(open, 8);
    failing(house, isRejected);
    const batch = await house.submit(hunt(house, 5, 1_000));
    await house.ended(batch);

    const retried = house.brain.retry(batch, { failed: true });

    await expect(retried).rejects.toMatchObject({
      code: 'BATCH_STATE',
      message: expect.stringContaining('what its goal did without is no failure'),
      hint: `run "drover batch retry ${batch} --from check" to judge its candidates anew`,
    });
  });

  test('tries further candidates in place of those that a retry turns down', async () => {
    await using house = await houseOver(open, 8);
    const batch = await house.submit(hunt(house, 3, 1_000));
    await house.ended(batch);
    failing(house, (task) => task === 'check_n1');

    await house.brain.retry(batch, { items: ['n1'] });

    expect(await endedAgain(house, batch)).toBe('succeeded');
    expect((await house.brain.showBatch(batch)).counts.goal).toEqual({ target: 3, accepted: 3, rejected: 1, tried: 4 });
    expect(await statesOf(house, batch)).toMatchObject({ check_n3: 'succeeded', store_n3: 'succeeded' });
    expect(ranTimes(house, 'report')).toBe(2);
  });

  test('retried from what it tracks it judges all it tried, and goes on in the list where they do not do', async () => {
    await using house = await houseOver(open, 8);
    const batch = await house.submit(hunt(house, 3, 1_000));
    await house.ended(batch);
    failing(house, isRejected);

    await house.brain.retry(batch, { from: 'check' });

    expect(await endedAgain(house, batch)).toBe('succeeded');
    const { goal } = (await house.brain.showBatch(batch)).counts;
    expect(goal).toMatchObject({ target: 3, accepted: 3 });
    expect(ranTimes(house, 'fetch_n0')).toBe(1);
    expect(ranTimes(house, 'check_n0')).toBe(2);
  });

  test('resumed after a kill it goes on where it was, without those it had turned down', async () => {
    await using house = await houseOver(open, 8);
    house.agent.script = (grant) =>
      grant.attempt.task === 'check_n4' ? 'hold' : isRejected(grant.attempt.task) ? { exitCode: 1 } : {};
    const batch = await house.submit(hunt(house, 5, 1_000));
    await until(() => house.agent.live().length === 1);
    await house.brain.kill(batch);
    failing(house, isRejected);

    await house.brain.resume(batch);

    expect(await endedAgain(house, batch)).toBe('succeeded');
    expect((await house.brain.showBatch(batch)).counts.goal).toMatchObject({ target: 5, accepted: 5 });
    expect(ranTimes(house, 'check_n1')).toBe(1);
    expect(ranTimes(house, 'check_n4')).toBe(2);
  });

  test('a kill ends it, and its candidates with it', async () => {
    await using house = await houseOver(open, 8);
    house.agent.script = HOLD;
    const batch = await house.submit(hunt(house, 5, 1_000));
    await until(() => house.agent.live().length === 5);

    const view = await house.brain.kill(batch);

    expect(view.status).toBe('cancelled');
    expect(house.agent.live()).toEqual([]);
  });

  test('goes on where it was after a restart of the controller', async () => {
    await using house = await houseOver(open, 8);
    house.agent.script = (grant) =>
      grant.attempt.task === 'check_n4' ? 'hold' : isRejected(grant.attempt.task) ? { exitCode: 1 } : {};
    const batch = await house.submit(hunt(house, 5, 1_000));
    await until(() => house.agent.live().length === 1);

    await house.restart();
    await house.agent.connect(house.brain);
    house.agent.script = (grant) => (isRejected(grant.attempt.task) ? { exitCode: 1 } : {});
    for (const grant of house.agent.live()) house.agent.finish(grant, { exitCode: 1 });

    expect(await house.ended(batch)).toBe('succeeded');
    const { tasks } = await house.brain.showBatch(batch);
    expect(tasks.filter(({ id, status }) => id.startsWith('check_') && status === 'succeeded')).toHaveLength(5);
  });

  test('without candidates it fails, and what pairs with them does not hang', async () => {
    await using house = await houseOver(open);

    const batch = await house.submit(hunt(house, 5, 0));

    expect(await house.ended(batch)).toBe('failed');
  });

  test('when the tracked task never expands, its sources are closed', async () => {
    await using house = await houseOver(open);
    failing(house, (task) => task === 'gate');
    const text = GOAL(3).replace('- **depends_on**: fetch_{ITEM.id}', '- **depends_on**: fetch_{ITEM.id}, gate');
    const gate =
      '\n### gate\n- **task_class**: cpu\n- **command**: `false`\n- **depends_on**: none\n- **timeout**: 1m\n';
    const folder = writePlan(house.home, text + gate, { 'scripts/list.json': JSON.stringify(numbered(9)) });

    const batch = await house.submit(folder);

    expect(await house.ended(batch)).toBe('failed');
    expect(await statesOf(house, batch)).toEqual({
      gate: 'failed',
      check: 'aborted',
      store: 'aborted',
      report: 'aborted',
    });
  });
});
