/** P010: a field whose text cannot be read as its type (a foreach without a list is P029, a class P027). */
import type { Rule } from '../rule.ts';

export const invalidValue: Rule = {
  code: 'P010',
  severity: 'error',
  check: ({ oddBlocks }) =>
    oddBlocks.flatMap(({ badFields }) =>
      badFields
        .filter(({ problem, name }) => problem === 'invalid' && name !== 'foreach')
        .map(({ name, at, message, help }) => ({ at, message: `${name}: ${message}`, help })),
    ),
};
