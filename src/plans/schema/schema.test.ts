import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

import { compilePlan } from '../compile/compile-plan.ts';
import { parsePlan } from '../parse/parse-plan.ts';
import { compiledPlanSchema } from './compiled-schema.ts';
import { taskFieldsSchema } from './fields-schema.ts';

const VALID = join(import.meta.dirname, '../../../test/plans/valid');
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });

describe('the schema of a compiled plan', () => {
  const validate = ajv.compile(compiledPlanSchema());

  test.each(readdirSync(VALID).filter((name) => name.endsWith('.md')))('takes %s', (name) => {
    const text = readFileSync(join(VALID, name), 'utf8');
    const result = compilePlan(parsePlan({ file: name, text }), { config: {} });

    expect(result.kind).toBe('compiled');
    expect(validate('plan' in result ? result.plan : null) || validate.errors).toBe(true);
  });

  test('takes nothing that a plan does not have', () => {
    const plan = { format: 1, name: 'x', objective: '', variables: {}, nodes: [] };

    expect(validate(plan)).toBe(true);
    expect(validate({ ...plan, steps: [] })).toBe(false);
    expect(validate({ ...plan, nodes: [{ name: 'a', type: 'shell' }] })).toBe(false);
  });
});

test('the schema of the fields takes a task as it is written', () => {
  const validate = ajv.compile(taskFieldsSchema());

  expect(validate({ command: 'true', timeout: '1h30m', priority: 'high', tolerance: '10%', sandbox: 'bwrap' })).toBe(
    true,
  );
  expect(validate({ timeout: 'soon' })).toBe(false);
  expect(validate({ comand: 'true' })).toBe(false);
});
