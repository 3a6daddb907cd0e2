/** P003: lines that mean a field but are not `- **field**: value`; the right line is shown. */
import { inFieldBlocks } from '../field-blocks.ts';
import type { Rule } from '../rule.ts';

export const nearMissField: Rule = {
  code: 'P003',
  severity: 'error',
  check: ({ plan }) =>
    inFieldBlocks(plan, ({ nearMisses }) =>
      nearMisses.map(({ at, right }) => ({
        at,
        message: 'this is not how a field is written',
        help: `write ${right}`,
      })),
    ),
};
