/**
 * The examples of docs/plan-format.md, taken off the page: each lints clean and runs to success on a real daemon, with
 * the embedded engine and the demo model.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Diagnostic, SubmitView } from '../../src/contract/index.ts';
import { openHouse } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { pageExamples } from '../support/plan-format-page.ts';
import { writePlan } from '../support/plans.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  await house.drover('up', 'alpha');
});

afterAll(() => house[Symbol.asyncDispose]());

/** What is to be seen in the batch folder, beyond that all went well. */
const SEEN: Readonly<Record<string, (batch: string) => void>> = {
  'Word count': (batch) => expect(textOf(batch, 'results/total')).toBe('5\n'),
  Chain: (batch) => expect(textOf(batch, 'lines.txt')).toBe("1 O'Hara; $(id)\n2 O'Hara; $(id)\n3 O'Hara; $(id)\n"),
  Pipeline: (batch) => expect(filesIn(batch, 'raw')).toEqual(['home.txt', 'home.txt.gz', 'news.txt', 'news.txt.gz']),
  Groups: (batch) => expect(filesIn(batch, 'squares')).toHaveLength(47),
  Captions: (batch) => expect(filesIn(batch, 'captions')).toEqual(['boat.txt', 'train.txt']),
  Invoice: (batch) => expect(JSON.parse(textOf(batch, 'output/invoice.json'))).toEqual({ paid: expect.any(Boolean) }),
  Decision: (batch) =>
    expect([existsSync(join(batch, 'archived.txt')), existsSync(join(batch, 'published.txt'))].toSorted()).toEqual([
      false,
      true,
    ]),
  'Four even numbers': (batch) => {
    expect(filesIn(batch, 'drafts').length).toBeGreaterThanOrEqual(8);
    expect(filesIn(batch, 'drafts').length).toBeLessThanOrEqual(16);
  },
};

describe('an example of the page lints clean and runs to success', () => {
  test.each(pageExamples())('$name', async ({ name, text }) => {
    const folder = writePlan(join(house.home, 'page'), text);

    const findings = await house.json<Diagnostic[]>('plan', 'lint', folder);
    const submitted = await house.json<SubmitView>('submit', folder, '--wait');

    expect(findings).toEqual([]);
    expect(submitted.status).toBe('succeeded');
    SEEN[name]?.(submitted.path);
  });
});

function textOf(batch: string, file: string): string {
  return readFileSync(join(batch, file), 'utf8');
}

function filesIn(batch: string, folder: string): string[] {
  return readdirSync(join(batch, folder)).toSorted();
}
