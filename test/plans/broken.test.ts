/**
 * examples/plans/broken: each plan gives the finding it is named after, and no other; each code has such a plan. What
 * is shown of it lies in broken/.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lintPlan, parsePlan, renderDiagnostics } from '../../src/plans/index.ts';
import { RULES } from '../../src/plans/lint/rules/index.ts';

const FOLDER = join(import.meta.dirname, '../../examples/plans/broken');
const README = readFileSync(join(FOLDER, 'README.md'), 'utf8');
const PLANS = readdirSync(FOLDER).filter((name) => name !== 'README.md');

/** What the daemon knows at submit, and what the policy of a host says. */
const CONTEXT = {
  config: {},
  modelIds: ['demo', 'qwen'],
  modelParameters: { demo: 1e6, qwen: 32e9 },
  deviceMemoryMb: [24_576],
  files: [],
  host: ({ text }: { readonly text: string }) =>
    text.includes('| bash') ? ['the policy of worker forbids "bash" (pipe into an interpreter)'] : [],
};

test.each(PLANS)('%s', async (code) => {
  const text = readFileSync(join(FOLDER, code, 'plan.md'), 'utf8');

  const found = lintPlan(parsePlan({ file: 'plan.md', text }), CONTEXT);

  expect(found.map((diagnostic) => diagnostic.code)).toEqual([code]);
  expect(found[0]).toMatchObject({ help: expect.stringMatching(/./) });
  const drawn = `${renderDiagnostics(found, text)}\n`;
  await expect(drawn).toMatchFileSnapshot(join(import.meta.dirname, 'broken', `${code}.expected`));
});

test('every code has a plan, and a line in the table', () => {
  const codes = [...new Set(RULES.map(({ code }) => code))].toSorted();

  expect(PLANS).toEqual(codes);
  expect([...README.matchAll(/^\| \[(P\d{3})\]/gm)].map((match) => match[1])).toEqual(codes);
});
