/** Tasks that a model answers, through the real command: the example plans, the brain's own model, a killed controller. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type {
  BatchDetailView,
  InstanceView,
  SubmitView,
  TaskDetailView,
  TrainingSampleView,
  TrainingStatsView,
} from '../../src/contract/index.ts';
import { openHouse, ROOT, until } from '../support/house.ts';
import type { House } from '../support/house.ts';

async function upDemo(house: House): Promise<void> {
  await house.drover('models', 'demo');
  await house.drover('init', 'one', '--profile', 'cpu', '-m', 'demo');
  expect(await house.drover('up', 'one')).toMatchObject({ code: 0 });
}

/** A plan folder of the test's own. */
function planFolder(house: House, lines: readonly string[], files: Readonly<Record<string, string>> = {}): string {
  const folder = join(house.home, '..', 'plan');
  mkdirSync(join(folder, 'scripts'), { recursive: true });
  writeFileSync(join(folder, 'plan.md'), lines.join('\n'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Of a plan of this repository; what is still on its way to the disk gets there before. */
async function cleanHistory(house: House, plan: string, batch: SubmitView): Promise<void> {
  await house.drover('daemon', 'stop');
  rmSync(join(ROOT, 'examples/plans', plan, 'history', batch.batch_id), { recursive: true });
}

test('invoices become a table, and those that cannot be right a report', async () => {
  await using house = await openHouse();
  await upDemo(house);
  const sets = ['--set', 'COUNT=10', '--set', 'BAD=2'];

  const batch = await house.json<SubmitView>('submit', 'examples/plans/invoices', ...sets, '--wait');

  const read = (path: string): string => readFileSync(join(batch.path, path), 'utf8');
  expect(batch).toMatchObject({ status: 'succeeded', tasks: { failed: 2 } });
  expect(read('output/invoices.csv').trim().split('\n')).toHaveLength(1 + 8);
  expect(read('output/report.md')).toMatch(/2 are wrong\n\n- invoices\/\d+\.txt: it has no /);
  expect(Object.keys(JSON.parse(read('read/0001.json')) as object)).toEqual([
    'number',
    'vendor',
    'date',
    'total_cents',
  ]);
  expect(existsSync(join(batch.path, 'logs/read_0001/1/answer.txt'))).toBe(true);
  await cleanHistory(house, 'invoices', batch);
});

test('a review of this repository keeps what its judge decided for, and finds what needs no opinion', async () => {
  await using house = await openHouse();
  await upDemo(house);
  const sets = ['--set', 'FOLDERS=src/brain/asking', '--set', 'LIMIT=6'];

  const batch = await house.json<SubmitView>('submit', 'examples/plans/review', ...sets, '--wait');

  const { tasks } = await house.json<BatchDetailView>('batch', 'show', batch.batch_id);
  const verdicts = tasks.filter(({ type }) => type === 'decide');
  const report = readFileSync(join(batch.path, 'output/review.md'), 'utf8');
  const kept = report.split('\n').filter((line) => line.startsWith('- lines'));
  const answers = verdicts.map(({ id }) =>
    readFileSync(join(batch.path, `verdicts/${id.replace('verify_', '')}.txt`), 'utf8').trim(),
  );
  expect(batch.status).toBe('succeeded');
  expect(new Set([...answers, 'keep', 'drop'])).toEqual(new Set(['keep', 'drop']));
  expect(kept).toHaveLength(answers.filter((answer) => answer === 'keep').length);
  expect(report).toContain('6 slices');
  await cleanHistory(house, 'review', batch);
});

test("the brain's model is up from the setting alone, decides, scores, and what it said can be reviewed", async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('config', 'set', 'brain', 'demo');
  await house.drover('daemon', 'restart');
  await until(async () => (await house.json<InstanceView[]>('ps'))[0]?.status === 'ready');
  const fields = ['- **executor**: brain', '- **options**: red, green', '- **timeout**: 2m'];
  const folder = planFolder(house, [
    '# Plan: Judge',
    '## Tasks',
    '### ask',
    '- **type**: decide',
    ...fields,
    '~~~prompt',
    'Which?',
    '~~~',
    '### write',
    '- **task_class**: cpu',
    '- **command**: `echo hello > out.txt`',
    '- **evaluate**: yes',
    '- **timeout**: 2m',
    '- **produces**: out.txt',
    '### home',
    '- **executor**: brain',
    '- **command**: `echo here`',
    '- **timeout**: 2m',
    '',
  ]);

  const batch = await house.json<SubmitView>('submit', folder, '--wait');

  const [brain] = await house.json<InstanceView[]>('ps');
  const ask = await house.json<TaskDetailView>('task', 'show', `${batch.batch_id}/ask`);
  const write = await house.json<TaskDetailView>('task', 'show', `${batch.batch_id}/write`);
  expect(brain).toMatchObject({ name: 'brain', model: 'demo', status: 'ready' });
  expect(batch.status).toBe('succeeded');
  expect(['red', 'green']).toContain(ask.answer);
  expect([1, 2, 3, 4, 5]).toContain(write.attempt_list.at(-1)?.score);
  expect(write.attempt_list.at(-1)?.score_reason).toMatch(/./);

  const [sample] = await house.json<TrainingSampleView[]>('training', 'review', '--kind', 'decide');
  const correction = join(house.home, '..', 'better.txt');
  writeFileSync(correction, '{"answer":"green"}');
  const id = sample?.id ?? '';
  await house.json('training', 'review', id, '--rating', '1', '--correction', correction);
  const stats = await house.json<TrainingStatsView>('training', 'stats');
  const { stdout } = await house.drover('training', 'export', '--format', 'preference');
  expect(sample).toMatchObject({ kind: 'decide', model: 'brain', review: null });
  expect(stats).toMatchObject({ recording: true, damaged: 0, pairs: 1 });
  expect(JSON.parse(stdout)).toMatchObject({ chosen: [{ role: 'assistant', content: '{"answer":"green"}' }] });
});

test('calls of a command go on being served after the controller was killed, and a model is chosen by its tier', async () => {
  await using house = await openHouse();
  await upDemo(house);
  const script = `
    import { appendFileSync, existsSync } from 'node:fs';
    const ask = async () => {
      const response = await fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
        method: 'POST',
        headers: { authorization: 'Bearer ' + process.env.OPENAI_API_KEY, 'content-type': 'application/json' },
        body: JSON.stringify({ model: process.env.DROVER_MODEL, messages: [{ role: 'user', content: 'hi' }], max_tokens: 8 }),
      });
      appendFileSync('calls.txt', response.status + '\\n');
    };
    await ask();
    while (!existsSync('go')) await new Promise((next) => setTimeout(next, 50));
    await ask();`;
  const folder = planFolder(
    house,
    [
      '# Plan: Talk',
      '## Tasks',
      '### talk',
      '- **task_class**: llm',
      '- **model**: demo',
      '- **timeout**: 2m',
      '- **command**: `node {PLAN_PATH}/scripts/talk.mjs`',
      '### any',
      '- **type**: generate',
      '- **llm_min_tier**: 1',
      '- **max_tokens**: 4',
      '- **depends_on**: talk',
      '- **timeout**: 2m',
      '~~~prompt',
      'Hello?',
      '~~~',
      '',
    ],
    { 'scripts/talk.mjs': script },
  );
  const batch = await house.json<SubmitView>('submit', folder);
  const calls = join(batch.path, 'calls.txt');
  await until(() => existsSync(calls));

  await house.kill('controller');
  await until(async () => (await house.json<InstanceView[]>('ps'))[0]?.slots.busy === 1);
  writeFileSync(join(batch.path, 'go'), '');

  await until(async () => (await house.json<BatchDetailView>('batch', 'show', batch.batch_id)).status === 'succeeded');
  const task = await house.json<TaskDetailView>('task', 'show', `${batch.batch_id}/talk`);
  expect(readFileSync(calls, 'utf8')).toBe('200\n200\n');
  expect(task.attempt_list).toHaveLength(1);
  const { stdout: why } = await house.drover('why', `${batch.batch_id}/any`);
  expect(why).toBe('any is succeeded: model demo (the smallest of any tier that is loaded)\n');
  // A controller that came second to the one that took over may still be on its way out.
  await house.drover('daemon', 'stop', '--all');
  await until(() => house.processes().length === 0);
});
