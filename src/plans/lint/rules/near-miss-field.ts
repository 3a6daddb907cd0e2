/** P003: lines that mean a field but are not `- **field**: value`; the right line is shown. */
import type { Rule } from '../rule.ts';

export const nearMissField: Rule = {
  code: 'P003',
  severity: 'error',
  check: ({ oddBlocks }) =>
    oddBlocks.flatMap(({ nearMisses }) =>
      nearMisses.map(({ at, right }) => ({
        at,
        message: 'this is not how a field is written',
        help: `write ${right}`,
      })),
    ),
};
