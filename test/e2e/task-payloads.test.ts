/** What goes into a task and what comes out of it: hostile values, large items, large output. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchDetailView, SubmitView, TaskDetailView } from '../../src/contract/index.ts';
import { openHouse } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';

const HOSTILE = `it's a "test"; $(touch pwned) \`touch pwned\` && rm -rf x\nsecond line \\ * ? ~ !`;

/** Writes its only argument to the file named by the second; anything else is an error. */
const WITNESS = `import { writeFileSync } from 'node:fs';
if (process.argv.length !== 4) process.exit(9);
writeFileSync(process.argv[3], process.argv[2]);
`;

test('a hostile value is one inert argument, bare, in double and in single quotes', async () => {
  await using house = await openHouse();
  const list = JSON.stringify({ items: [{ id: 'x', text: HOSTILE }] });
  const folder = writePlan(
    house.home,
    planOf('hostile', [
      {
        id: 'bare',
        foreach: '{PLAN_PATH}/list.json:items',
        command: 'node {PLAN_PATH}/witness.mjs {ITEM.text} bare.txt',
      },
      {
        id: 'double',
        foreach: '{PLAN_PATH}/list.json:items',
        command: 'node {PLAN_PATH}/witness.mjs "<{ITEM.text}>" double.txt',
      },
      {
        id: 'single',
        foreach: '{PLAN_PATH}/list.json:items',
        command: "node {PLAN_PATH}/witness.mjs '<{ITEM.text}>' single.txt",
      },
    ]),
    { 'list.json': list, 'witness.mjs': WITNESS },
  );

  const { path, status } = await submitAndWait(house, folder);

  expect(status).toBe('succeeded');
  expect(readFileSync(join(path, 'bare.txt'), 'utf8')).toBe(HOSTILE);
  expect(readFileSync(join(path, 'double.txt'), 'utf8')).toBe(`<${HOSTILE}>`);
  expect(readFileSync(join(path, 'single.txt'), 'utf8')).toBe(`<${HOSTILE}>`);
  expect(existsSync(join(path, 'pwned'))).toBe(false);
});

test('a placeholder inside the program text of bash -c is a lint error that names the variable to use', async () => {
  await using house = await openHouse();
  const folder = writePlan(
    house.home,
    planOf('inner', [{ id: 'one', foreach: '{PLAN_PATH}/list.json:items', command: "bash -c 'echo {ITEM.text}'" }]),
    { 'list.json': '{"items": []}' },
  );

  const linted = await house.drover('plan', 'lint', folder);

  expect(linted.code).toBe(4);
  expect(`${linted.stdout}${linted.stderr}`).toMatch(/plan\.md:\d+:\d+: error P\d{3}/);
  expect(`${linted.stdout}${linted.stderr}`).toContain('DROVER_ITEM');
});

test('acceptance 3: ten megabytes of stdout and of stderr are kept whole, in files', async () => {
  await using house = await openHouse();
  const command = 'head -c 10485760 /dev/zero | tr "\\0" x; head -c 10485760 /dev/zero | tr "\\0" y >&2';
  const folder = writePlan(house.home, planOf('loud', [{ id: 'loud', command }]));

  const { batch_id: batchId, status } = await submitAndWait(house, folder);

  expect(status).toBe('succeeded');
  const task = await house.json<TaskDetailView>('task', 'show', `${batchId}/loud`);
  const attempt = task.attempt_list[0]?.path ?? '';
  expect(statSync(join(attempt, 'stdout')).size).toBe(10_485_760);
  expect(statSync(join(attempt, 'stderr')).size).toBe(10_485_760);
});

test('acceptance 4: an item of one megabyte is read through DROVER_ITEM_FILE', async () => {
  await using house = await openHouse();
  const big = 'b'.repeat(1_048_576);
  const folder = writePlan(
    house.home,
    planOf('big', [
      {
        id: 'big',
        foreach: '{PLAN_PATH}/list.json:items',
        command: `node -e 'const item = JSON.parse(require("fs").readFileSync(process.env.DROVER_ITEM_FILE, "utf8")); console.log(item.text.length)'`,
      },
    ]),
    { 'list.json': JSON.stringify({ items: [{ id: 'x', text: big }] }) },
  );

  const { batch_id: batchId, status } = await submitAndWait(house, folder);

  expect(status).toBe('succeeded');
  expect(await house.drover('task', 'logs', `${batchId}/big_x`)).toMatchObject({ stdout: '1048576\n' });
});

test('acceptance 4: a command of one megabyte runs', async () => {
  await using house = await openHouse();
  const command = `text='${'c'.repeat(1_048_576)}'; echo "${'${#text}'}"`;
  const folder = writePlan(house.home, planOf('long', [{ id: 'long', command }]));

  const { batch_id: batchId, status } = await submitAndWait(house, folder);

  expect(status).toBe('succeeded');
  expect(await house.drover('task', 'logs', `${batchId}/long`)).toMatchObject({ stdout: '1048576\n' });
});

async function submitAndWait(house: House, folder: string): Promise<BatchDetailView> {
  const { batch_id: batchId } = await house.json<SubmitView>('submit', folder, '--wait');
  return house.json<BatchDetailView>('batch', 'show', batchId);
}
