import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { planOf, writePlan } from '../../../test/support/plans.ts';
import { createPlanReader } from './reader-process.ts';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reader-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A reader that is not Drover's. */
function program(text: string): string {
  const file = join(home, 'reader.mjs');
  writeFileSync(file, text);
  return file;
}

const many = (count: number): string =>
  planOf(
    'many',
    Array.from({ length: count }, (_, at) => ({ id: `t${at}`, command: 'true' })),
  );

test('a small plan is read here: no reader is started', async () => {
  const readPlan = createPlanReader(program('throw new Error("started")'));

  const answer = await readPlan({ folder: writePlan(home, many(3)), config: {}, house: {} });

  expect(answer.kind).toBe('compiled');
});

test('a large plan is what the reader says', async () => {
  const said = { kind: 'missing', reason: 'somebody took it' };
  const readPlan = createPlanReader(program(`console.log(${JSON.stringify(JSON.stringify(said))})`));

  const answer = await readPlan({ folder: writePlan(home, many(3_000)), config: {}, house: {} });

  expect(answer).toEqual(said);
});

test('a reader that dies fails the submission alone, with its last words', async () => {
  const readPlan = createPlanReader(program('process.stdout.write("{"); throw new Error("no memory")'));

  const answer = readPlan({ folder: writePlan(home, many(3_000)), config: {}, house: {} });

  await expect(answer).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('reader died') });
});

test('a reader that says nothing fails the submission', async () => {
  const readPlan = createPlanReader(program(''));

  const answer = readPlan({ folder: writePlan(home, many(3_000)), config: {}, house: {} });

  await expect(answer).rejects.toMatchObject({ code: 'INTERNAL' });
});
