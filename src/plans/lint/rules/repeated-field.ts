/** P007: a field written twice; the later one counts, as it always did. */
import type { Rule } from '../rule.ts';

export const repeatedField: Rule = {
  code: 'P007',
  severity: 'warning',
  check: ({ oddBlocks }) =>
    oddBlocks.flatMap(({ repeatedFields }) =>
      repeatedFields.map(({ name, at }) => ({
        at,
        message: `${name} is written twice; this one counts`,
        help: 'keep one of them',
      })),
    ),
};
