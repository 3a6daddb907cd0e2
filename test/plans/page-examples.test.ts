/** The examples of docs/plan-format.md lint without any finding. That they run, too, is tested end to end. */
import { describe, expect, test } from 'vitest';
import { lintPlan, parsePlan } from '../../src/plans/index.ts';
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
