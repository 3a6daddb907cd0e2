import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { planOf, writePlan } from '../../../test/support/plans.ts';
import { readPlan } from './read-plan.ts';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'read-plan-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function parsing(schema: string): string {
  const lines = [
    '- **task_class**: llm',
    '- **type**: parse',
    '- **llm_model**: demo',
    '- **depends_on**: none',
    '- **produces**: {BATCH_PATH}/out.json',
    `- **schema**: ${schema}`,
    '```prompt',
    'What is the total?',
    '```',
  ];
  return writePlan(home, `# Plan: parsing\n\n## Tasks\n\n### read\n${lines.join('\n')}\n`, {
    'schemas/invoice.json': '{"type": "invoice"}',
    'schemas/total.json': '{"type": "number"}',
  });
}

test.each([
  ['on its line', '{"type": "invoice"}', 'the schema is no JSON Schema'],
  ['in a file', './schemas/invoice.json', 'schemas/invoice.json is no JSON Schema'],
])('a schema that is none, %s, is found before anything runs', async (_where, schema, message) => {
  const reading = await readPlan({ folder: parsing(schema), config: {}, house: {} });

  expect(reading).toMatchObject({
    kind: 'rejected',
    diagnostics: expect.arrayContaining([
      expect.objectContaining({ code: 'P052', message: expect.stringContaining(message) }),
    ]),
  });
});

test.each(['{"type": "number"}', 'schemas/total.json'])('the schema %s is one', async (schema) => {
  const reading = await readPlan({ folder: parsing(schema), config: {}, house: {} });

  expect(reading.kind).toBe('compiled');
});

test('what is odd in a valid plan is told, what the host says among it, and no more than somebody reads', async () => {
  const tasks = Array.from({ length: 23 }, (_, at) => ({ id: `t${at}`, command: 'git push' }));
  const folder = writePlan(home, planOf('odd', tasks));

  const reading = await readPlan({ folder, config: { TYPO: 1 }, house: {} }, { host: () => ['nobody may push'] });

  const { warnings } = reading.kind === 'compiled' ? reading : { warnings: { told: [], more: 0 } };
  expect(warnings.told.map(({ code }) => code)).toEqual(expect.arrayContaining(['P040', 'P080']));
  expect(warnings.told).toHaveLength(20);
  expect(warnings.more).toBeGreaterThanOrEqual(4);
});
