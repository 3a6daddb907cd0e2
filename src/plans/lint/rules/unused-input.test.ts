import { expect, test } from 'vitest';

import { lintPlan, parsePlan } from '../../index.ts';

const PLAN = `# Plan: p
## Inputs
- **SOURCES** (string, default docs): what to read
## Tasks
### list
- **task_class**: cpu
- **timeout**: 1m
- **command**: \`ls {SOURCES}\`
`;

test.each([
  ['SOURCE', 'did you mean "SOURCES"?'],
  ['COLOUR', 'check its spelling against ## Inputs'],
])('a value for %s, which the plan does not have, is told with what helps: %s', (name, help) => {
  const plan = parsePlan({ file: 'plan.md', text: PLAN });

  const diagnostics = lintPlan(plan, { config: { [name]: 'x' } });

  expect(diagnostics).toMatchObject([{ code: 'P040', message: `config key ${name} is not used`, help }]);
});
