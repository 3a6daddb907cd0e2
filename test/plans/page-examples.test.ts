/**
 * The examples of docs/plan-format.md and of examples/plans lint without any finding and are in the canonical form. That
 * they run, too, is tested end to end.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatPlan, lintPlan, parsePlan } from '../../src/plans/index.ts';
import { pageExamples } from '../support/plan-format-page.ts';

const EXAMPLES = pageExamples();

test('there are at least ten, and each has its name', () => {
  const names = EXAMPLES.map(({ name }) => name);

  expect(names.length).toBeGreaterThanOrEqual(10);
  expect(new Set(names).size).toBe(names.length);
});

describe('an example of the page gives no finding', () => {
  test.each(EXAMPLES)('$name', ({ text }) => {
    const context = { config: {}, modelIds: ['demo'], deviceMemoryMb: [8192], files: [] };

    expect(lintPlan(parsePlan({ file: 'plan.md', text }), context)).toEqual([]);
  });
});

const FOLDERS = readdirSync('examples/plans').filter((name) => name !== 'broken');

test.each([...EXAMPLES, ...FOLDERS.map(ofFolder)])('$name is in the canonical form', ({ text }) => {
  expect(formatPlan(text)).toBe(text);
});

function ofFolder(name: string): { name: string; text: string } {
  return { name, text: readFileSync(join('examples/plans', name, 'plan.md'), 'utf8') };
}
