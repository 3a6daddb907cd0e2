/** Acceptance tests of the predecessor's study that are about the flow of batches, by their numbers. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { BrainHouse, until } from '../../test/support/brain-house.ts';
import { cpuMs } from '../../test/support/cpu-time.ts';
import { cpuDevice, FakeAgent, HOLD, SUCCEED } from '../../test/support/fake-agents.ts';
import { writePlan } from '../../test/support/plans.ts';
import { TestClock } from '../kernel/index.ts';

function chainOf(length: number): { id: string; command: string; dependsOn: string }[] {
  return Array.from({ length }, (_, index) => ({
    id: `hop${index}`,
    command: `echo ${index}`,
    dependsOn: index === 0 ? 'none' : `hop${index - 1}`,
  }));
}

function flat(count: number, name: string): { id: string; command: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${name}${index}`, command: 'true' }));
}

function costOf(house: BrainHouse, folder: string): Promise<number> {
  return cpuMs(async () => house.ended(await house.submit(folder)));
}

test('acceptance 1: a chain of ten hops has less than a second of overhead', async () => {
  await using house = await BrainHouse.open();
  const folder = house.plan(chainOf(10));
  await costOf(house, folder);

  expect(await costOf(house, folder)).toBeLessThan(1_000);
});

test('acceptance 2: a thousand submissions in one second are a thousand batches, and no name leaks between them', async () => {
  await using house = await BrainHouse.open({ clock: new TestClock(), cores: 2_000 });
  house.agent.script = HOLD;
  const folder = house.plan([
    { id: 'a', command: 'true' },
    { id: 'b', command: 'true', dependsOn: 'a' },
  ]);

  const ids = await Promise.all(Array.from({ length: 1_000 }, () => house.submit(folder)));
  await until(() => house.agent.live().length === 1_000);

  expect(new Set(ids).size).toBe(1_000);
  expect(new Set(ids.map((id) => id.slice(0, 15))).size).toBe(1);
  expect(readdirSync(join(folder, 'history'))).toHaveLength(1_000);
  const [first] = house.agent.live();
  if (first) house.agent.finish(first);
  await house.fact('task.released', ({ subject }) => subject === `task:${first?.attempt.batchId}/b`);
  const released = house.facts.filter(({ type, subject }) => type === 'task.released' && subject.endsWith('/b'));
  expect(released).toHaveLength(1);
}, 120_000);

test.each([
  [
    'a cycle',
    'P022',
    11,
    '### a\n- **command**: `true`\n- **depends_on**: b\n\n### b\n- **command**: `true`\n- **depends_on**: a\n',
  ],
  ['an unknown dependency', 'P020', 7, '### a\n- **command**: `true`\n- **depends_on**: nobody\n'],
  ['a duplicate id', 'P009', 8, '### a\n- **command**: `true`\n\n### a\n- **command**: `true`\n'],
  ['zero tasks', 'P001', 3, ''],
  ['a near-miss heading', 'P002', 5, '### Task: a (optional)\n- **command**: `true`\n'],
])('acceptance 7: %s is rejected at submit with line number and hint', async (_fault, code, line, tasks) => {
  await using house = await BrainHouse.open();
  const folder = writePlan(house.home, `# Plan: broken\n\n## Tasks\n\n${tasks}`);

  const answer = await house.brain.submit(house.request(folder));

  const errors = answer.kind === 'invalid' ? answer.diagnostics.filter(({ severity }) => severity === 'error') : [];
  expect(errors).toMatchObject([{ code, line, help: expect.stringMatching(/\w/) }]);
  expect(await house.brain.listBatches()).toEqual([]);
});

test('acceptance 8: a missing class is inferred, and dependencies are honoured all the same', async () => {
  await using house = await BrainHouse.open();
  const text = `# Plan: old\n\n## Tasks\n\n### first\n- **command**: \`python3 whisper.py\`\n- **depends_on**: none\n
### second\n- **command**: \`true\`\n- **depends_on**: first\n`;

  const batch = await house.submit(writePlan(house.home, text));

  expect(await house.ended(batch)).toBe('succeeded');
  expect(house.agent.ran.map(({ attempt, taskClass }) => [attempt.task, taskClass])).toEqual([
    ['first', 'script'],
    ['second', 'cpu'],
  ]);
});

test('acceptance 9: an empty list is success, a list that cannot be read fails after its retries with the cause', async () => {
  const clock = new TestClock();
  await using house = await BrainHouse.open({ clock });
  const empty = house.plan([{ id: 'each', command: 'true', foreach: '{PLAN_PATH}/list.json:items' }], {
    'list.json': '{"items": []}',
  });
  const malformed = house.plan([{ id: 'each', command: 'true', foreach: '{PLAN_PATH}/list.json:items' }], {
    'list.json': '{"items": [',
  });

  expect(await house.endedInTime(await house.submit(empty), clock)).toBe('succeeded');
  expect(await house.endedInTime(await house.submit(malformed), clock)).toBe('failed');

  const noted = await house.fact('task.succeeded', ({ subject }) => subject.endsWith('/each'));
  expect(noted).toBeDefined();
  const retries = house.facts.filter(({ type }) => type === 'task.retry_scheduled');
  expect(retries).toHaveLength(2);
  expect((await house.fact('task.failed')).data.reason).toContain('is no JSON');
});

test('acceptance 10: two items of one id are an error that names them', async () => {
  const clock = new TestClock();
  await using house = await BrainHouse.open({ clock });
  const folder = house.plan([{ id: 'each', command: 'true', foreach: '{PLAN_PATH}/list.json:.' }], {
    'list.json': '[{"id":"x"},{"id":"y"},{"id":"x"}]',
  });

  expect(await house.endedInTime(await house.submit(folder), clock)).toBe('failed');

  const failed = await house.fact('task.failed');
  expect(failed.data.reason).toContain('item 2');
  expect(failed.data.reason).toContain('each_x');
  expect(house.agent.ran).toEqual([]);
});

test('acceptance 11: what a dead agent ran is given out again once, and its late result changes nothing', async () => {
  await using house = await BrainHouse.open();
  house.agent.script = HOLD;
  const batch = await house.submit(house.plan([{ id: 'a', command: 'true' }]));
  await until(() => house.agent.live().length === 1);
  await house.fact('task.started');
  const [held] = house.agent.live();
  if (!held) throw new Error('nothing was granted');
  const late = house.agent.outcomeOf(held);

  house.agent.crash();
  await house.brain.onAgentLost('here');
  house.agent.script = SUCCEED;
  await house.agent.connect(house.brain);
  const status = await house.ended(batch);
  await house.brain.onOutcomes('here', [late]);

  expect(status).toBe('succeeded');
  expect(house.agent.ran.map(({ attempt }) => attempt.no)).toEqual([1, 2]);
  const task = await house.brain.showTask(batch, 'a');
  expect(task).toMatchObject({ attempts: 2, status: 'succeeded' });
  expect(task.attempt_list.map((attempt) => attempt.status)).toEqual(['fenced', 'succeeded']);
});

test('acceptance 16: priority goes first, then who came first, and a small batch does not starve behind a large one', async () => {
  await using house = await BrainHouse.open({ cores: 4 });
  const large = await house.submit(house.plan(flat(5_000, 'l')));
  const small = await house.submit(house.plan(flat(50, 's')));
  const urgent = await house.submit(house.plan(flat(20, 'u')), { priority: 'urgent' });
  const statuses = await Promise.all([large, small, urgent].map((id) => house.ended(id)));

  expect(statuses).toEqual(['succeeded', 'succeeded', 'succeeded']);
  const order = house.agent.ran.map(({ attempt }) => attempt.batchId);
  const before = (batch: string): number =>
    order.slice(0, order.lastIndexOf(batch)).filter((id) => id === large).length;
  const startOf = (batch: string): number => order.indexOf(batch);
  expect(before(small) - order.slice(0, startOf(small)).filter((id) => id === large).length).toBeLessThan(250);
  expect(order.slice(startOf(urgent), order.lastIndexOf(urgent) + 1)).toEqual(Array.from({ length: 20 }, () => urgent));
  const ofLarge = house.agent.ran.filter(({ attempt }) => attempt.batchId === large).map(({ attempt }) => attempt.task);
  expect(ofLarge).toEqual(flat(5_000, 'l').map(({ id }) => id));
}, 120_000);

test('acceptance 16: within a batch a task of higher priority goes first, and a meta task before all', async () => {
  await using house = await BrainHouse.open({ cores: 1 });
  house.agent.script = ({ attempt }) => (attempt.task === 'gate' ? 'hold' : {});
  const folder = house.plan([
    { id: 'gate', command: 'true' },
    { id: 'low', command: 'true', dependsOn: 'gate', more: ['- **priority**: low'] },
    { id: 'plain', command: 'true', dependsOn: 'gate' },
    { id: 'high', command: 'true', dependsOn: 'gate', more: ['- **priority**: high'] },
    { id: 'meta', command: 'true', class: 'meta', dependsOn: 'gate' },
  ]);
  const batch = await house.submit(folder);
  await until(() => house.agent.live().length === 1);
  for (const grant of house.agent.live()) house.agent.finish(grant);

  expect(await house.ended(batch)).toBe('succeeded');
  expect(house.agent.ran.map(({ attempt }) => attempt.task)).toEqual(['gate', 'meta', 'high', 'plain', 'low']);
});

test('acceptance 17: shell variables, awk braces and JSON in a command arrive as they were written', async () => {
  await using house = await BrainHouse.open();
  const command = `echo "\${HOME}" '{"a": {"b": 1}}' | awk '{print $1}' > {a,b}.txt`;

  const batch = await house.submit(house.plan([{ id: 'a', command }]));
  await house.ended(batch);

  expect(house.agent.ran[0]?.command).toBe(command);
});

test('acceptance 18: agents whose clocks are five minutes ahead and behind do no harm', async () => {
  await using house = await BrainHouse.open();
  const skewed = [5, -5].map((minutes) => {
    const now = (): number => house.clock.now() + minutes * 60_000;
    return house.agents.add(new FakeAgent(`skewed${minutes}`, [cpuDevice(2)], now));
  });
  for (const agent of skewed) await agent.connect(house.brain);

  const batch = await house.submit(house.plan([...flat(40, 'f'), ...chainOf(5)]));

  expect(await house.ended(batch)).toBe('succeeded');
  expect(skewed.every((agent) => agent.ran.length > 0)).toBe(true);
  expect(house.facts.filter(({ type }) => type === 'task.retry_scheduled' || type === 'agent.lost')).toEqual([]);
  const { tasks } = await house.brain.showBatch(batch);
  expect(tasks.every(({ attempts }) => attempts === 1)).toBe(true);
});
