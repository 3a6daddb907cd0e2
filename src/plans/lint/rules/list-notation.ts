/** P004: lists written as JSON arrays or as nested bullets. */
import { inFieldBlocks } from '../field-blocks.ts';
import type { Rule } from '../rule.ts';

export const listNotation: Rule = {
  code: 'P004',
  severity: 'error',
  check: ({ plan }) =>
    inFieldBlocks(plan, ({ badFields }) => badFields.filter((field) => field.problem === 'list-notation')),
};
