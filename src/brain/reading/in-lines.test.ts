import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { planOf, writePlan } from '../../../test/support/plans.ts';
import { linesOf, readingOf } from './in-lines.ts';
import { readPlan } from './read-plan.ts';
import type { ReadingAnswer } from './read-plan.ts';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'reading-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const read = (markdown: string): Promise<ReadingAnswer> =>
  readPlan({ folder: writePlan(home, markdown), config: {}, house: {} });

async function* travelling(answer: ReadingAnswer): AsyncGenerator<string> {
  yield* linesOf(answer);
}

test('a plan of many nodes arrives as it was, its text and digest included', async () => {
  const chain = Array.from({ length: 1_201 }, (_, at) => ({
    id: `t${at}`,
    command: String.raw`echo '"nodes":[]' "a\nb"`,
    dependsOn: at === 0 ? 'none' : `t${at - 1}`,
  }));
  const read1 = await read(planOf('long "nodes":[] name', chain));

  const arrived = await readingOf(travelling(read1));

  expect(read1.kind).toBe('compiled');
  expect(arrived).toEqual(read1);
});

test('a plan with errors arrives as what is wrong with it', async () => {
  const rejected = await read(planOf('wrong', [{ id: 'a', command: 'true', dependsOn: 'nobody' }]));

  const arrived = await readingOf(travelling(rejected));

  expect(rejected.kind).toBe('rejected');
  expect(arrived).toEqual(rejected);
});

test('a folder without a plan arrives as the reason', async () => {
  const missing = await readPlan({ folder: home, config: {}, house: {} });

  const arrived = await readingOf(travelling(missing));

  expect(missing.kind).toBe('missing');
  expect(arrived).toEqual(missing);
});
