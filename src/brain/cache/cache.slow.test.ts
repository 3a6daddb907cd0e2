/** `cache: inputs` over real stores and files: what is used again, what runs again and why. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { BrainHouse } from '../../../test/support/brain-house.ts';
import { changedOf, keyOf } from './inputs.ts';

/** Every attempt writes what it produces: a number that rises with each run. */
function producing(house: BrainHouse): void {
  let runs = 0;
  house.agent.script = ({ cwd, produces }) => {
    runs += 1;
    for (const path of produces) {
      mkdirSync(dirname(join(cwd, path)), { recursive: true });
      writeFileSync(join(cwd, path), `run ${runs}`);
    }
    return {};
  };
}

async function runOf(house: BrainHouse, folder: string, config: Record<string, unknown> = {}) {
  const before = house.agent.ran.length;
  const batch = await house.submit(folder, { config });
  expect(await house.ended(batch)).toBe('succeeded');
  const ran = house.agent.ran.slice(before).map(({ attempt }) => attempt.task);
  return { batch, ran: ran.toSorted(), path: (await house.brain.showBatch(batch)).path };
}

const CACHE = '- **cache**: inputs';
const CHAIN = [
  {
    id: 'make',
    command: 'sh {PLAN_PATH}/scripts/make.sh',
    more: [CACHE, '- **requires**: {PLAN_PATH}/in.txt', '- **produces**: results/made.txt'],
  },
  { id: 'use', command: 'true', dependsOn: 'make', more: [CACHE, '- **produces**: results/used.txt'] },
];
const FILES = { 'scripts/make.sh': 'sh "$(dirname "$0")/helper.sh"', 'scripts/helper.sh': 'true', 'in.txt': 'one' };

test('a task whose inputs are as they were is not run, and its products are put into the new batch', async () => {
  await using house = await BrainHouse.open();
  producing(house);
  const folder = house.plan(CHAIN, FILES);
  const first = await runOf(house, folder);

  const second = await runOf(house, folder);

  expect(first.ran).toEqual(['make', 'use']);
  expect(second.ran).toEqual([]);
  expect(readFileSync(join(second.path, 'results/made.txt'), 'utf8')).toBe('run 1');
  expect(await house.brain.showTask(second.batch, 'make')).toMatchObject({
    status: 'succeeded',
    attempts: 0,
    reason: `unchanged: done in ${first.batch}`,
  });
  const fact = await house.fact('task.reused');
  expect(fact.data).toEqual({ from: first.batch });
});

test('a change of a script that is named, even by another, or of a file that is read, is the reason of a rerun', async () => {
  await using house = await BrainHouse.open();
  producing(house);
  const folder = house.plan(CHAIN, FILES);
  await runOf(house, folder);

  writeFileSync(join(folder, 'scripts/helper.sh'), 'echo other');
  const script = await runOf(house, folder);
  writeFileSync(join(folder, 'in.txt'), 'two');
  const file = await runOf(house, folder);

  expect(script.ran).toEqual(['make', 'use']);
  const reasons = await Promise.all(
    [script, file].map(async ({ batch }) => (await house.brain.showTask(batch, 'make')).reason),
  );
  expect(reasons).toEqual(['ran again: scripts/helper.sh changed', `ran again: ${join(folder, 'in.txt')} changed`]);
  expect((await house.brain.showTask(file.batch, 'use')).reason).toBe('ran again: what make made changed');
});

test('products of the earlier batch that are gone or were changed are made again', async () => {
  await using house = await BrainHouse.open();
  producing(house);
  const folder = house.plan(CHAIN, FILES);
  const first = await runOf(house, folder);
  writeFileSync(join(first.path, 'results/made.txt'), 'forged');
  const changed = await runOf(house, folder);
  rmSync(join(changed.path, 'results'), { recursive: true });

  const gone = await runOf(house, folder);

  expect([changed.ran, gone.ran]).toEqual([
    ['make', 'use'],
    ['make', 'use'],
  ]);
  expect((await house.brain.showTask(changed.batch, 'make')).reason).toBe(
    'ran again: results/made.txt is not there any more as it was made',
  );
});

test('of many items only those that changed run, and what takes them all', async () => {
  await using house = await BrainHouse.open();
  producing(house);
  const items = (third: string): string => JSON.stringify([{ id: 'a' }, { id: 'b' }, { id: 'c', v: third }]);
  const each = {
    id: 'each',
    command: 'echo {ITEM.id}',
    foreach: '{PLAN_PATH}/list.json:.',
    more: [CACHE, '- **produces**: results/{ITEM.id}.txt'],
  };
  const all = { id: 'all', command: 'true', dependsOn: 'each', more: [CACHE, '- **produces**: all.txt'] };
  const folder = house.plan([each, all], { 'list.json': items('1') });
  await runOf(house, folder);
  const same = await runOf(house, folder);
  writeFileSync(join(folder, 'list.json'), items('2'));

  const other = await runOf(house, folder);

  expect(same.ran).toEqual([]);
  expect(other.ran).toEqual(['all', 'each_c']);
  expect((await house.brain.showTask(other.batch, 'each_c')).reason).toBe('ran again: item changed');
});

test('a value of the config is an input', async () => {
  await using house = await BrainHouse.open();
  producing(house);
  const folder = house.plan(CHAIN, FILES);
  await runOf(house, folder, { COLOUR: 'red' });

  const other = await runOf(house, folder, { COLOUR: 'blue' });

  expect(other.ran).toEqual(['make', 'use']);
  expect((await house.brain.showTask(other.batch, 'make')).reason).toBe('ran again: environment changed');
});

test('of several earlier runs the nearest says what has changed', async () => {
  await using house = await BrainHouse.open();
  producing(house);
  const folder = house.plan(CHAIN, FILES);
  await runOf(house, folder, { COLOUR: 'red' });
  await runOf(house, folder, { COLOUR: 'blue' });
  writeFileSync(join(folder, 'in.txt'), 'two');

  const red = await runOf(house, folder, { COLOUR: 'red' });

  expect((await house.brain.showTask(red.batch, 'make')).reason).toBe(`ran again: ${join(folder, 'in.txt')} changed`);
});

test('five thousand tasks that have not changed take no agent', async () => {
  await using house = await BrainHouse.open({ cores: 64 });
  producing(house);
  const tasks = Array.from({ length: 5_000 }, (_, index) => ({ id: `t${index}`, command: 'true', more: [CACHE] }));
  const folder = house.plan(tasks);
  await runOf(house, folder);

  const second = await runOf(house, folder);

  expect(second.ran).toEqual([]);
}, 120_000);

test('a key names the task and all its inputs, in any order; what differs is named', () => {
  expect(keyOf('/p', 't', { a: '1', b: '2' })).toBe(keyOf('/p', 't', { b: '2', a: '1' }));
  expect(keyOf('/p', 't', { a: '1' })).not.toBe(keyOf('/p', 'u', { a: '1' }));
  expect(changedOf({ a: '1', b: '2' }, { a: '1', b: '2' })).toBeNull();
  expect(changedOf({ a: '1', b: '2', c: '3', d: '4' }, { e: '5' })).toBe('a, b, c and 2 more changed');
});
