/** P029: a foreach that names no list. */
import type { Rule } from '../rule.ts';

export const foreachList: Rule = {
  code: 'P029',
  severity: 'error',
  check: ({ oddBlocks }) =>
    oddBlocks.flatMap(({ badFields }) =>
      badFields.filter(({ problem, name }) => problem === 'invalid' && name === 'foreach'),
    ),
};
